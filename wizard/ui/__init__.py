"""The full screen: a front end over the same investigation as every other one."""
