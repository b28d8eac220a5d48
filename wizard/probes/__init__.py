"""Read-only looks at the system: one module a subject, one declared probe a look."""
