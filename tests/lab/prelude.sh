# Words for the shell steps of cases; nothing of it stays on the host.
set -eu -o pipefail

# get [CURL OPTION...] URL: a client's request, whatever comes back.
get() { curl -s -o /dev/null --max-time 20 "$@" || true; }

# until_true COMMAND...: waits until it succeeds, some 20 seconds at most.
until_true() {
  local _
  for _ in $(seq 250); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done
  echo "never came true: $*" >&2
  return 1
}

# listening PORT|PATH: whether something listens there.
listening() { ss -H -ltn "sport = :$1" 2>/dev/null | grep -q . || ss -H -lxn | grep -qF " $1 "; }

# state UNIT: its state and why, in one line; is UNIT STATE: whether it is that.
state() {
  local ActiveState SubState Result
  eval "$(systemctl show "$1" -p ActiveState,SubState,Result)"
  echo "$ActiveState $SubState $Result"
}
is() { test "$(state "$1")" = "$2"; }

# pid UNIT: its main process.
pid() { systemctl show "$1" -p MainPID --value; }

# ca DIR: a certificate authority; cert DIR NAME SAN [START END]: a key and a certificate of it.
ca() {
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/O=Example Corp/CN=Example Internal CA" -keyout "$1/ca.key" -out "$1/ca.crt" 2>/dev/null
}
cert() {
  local dir="$1" name="$2" san="$3" begin="${4:-}" end="${5:-}" work
  local life=()
  test -n "$end" || life=(-days 365)
  work="$(mktemp -d)"
  touch "$work/index"
  printf '[ca]\ndefault_ca=c\n[c]\nnew_certs_dir=%s\ndatabase=%s/index\nrand_serial=yes\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=supplied\n' \
    "$work" "$work" > "$work/ca.cnf"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
    -addext "subjectAltName=$san" -keyout "$dir/$name.key" -out "$work/csr" 2>/dev/null
  openssl ca -batch -notext -config "$work/ca.cnf" -cert "$dir/ca.crt" -keyfile "$dir/ca.key" \
    -in "$work/csr" -out "$dir/$name.crt" \
    ${begin:+-startdate "$begin"} ${end:+-enddate "$end"} ${life[@]+"${life[@]}"} 2>/dev/null
  rm -r "$work"
  chmod 644 "$dir/$name.key"
}

# remote: a machine 10.30.0.2 behind a cable (10.30.0.1 here); on_remote COMMAND...: runs it there.
remote() {
  ip netns add remote
  ip link add uplink0 type veth peer name eth0 netns remote
  ip address add 10.30.0.1/24 dev uplink0
  ip link set uplink0 up
  on_remote ip address add 10.30.0.2/24 dev eth0
  on_remote ip link set eth0 up
  on_remote ip link set lo up
}
on_remote() { ip netns exec remote "$@"; }

# background COMMAND...: a process of no unit that outlives this step.
background() { setsid "$@" >/dev/null 2>&1 </dev/null & }
