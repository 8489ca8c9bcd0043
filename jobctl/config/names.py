"""How names of jobs, channels and queues look. Apart from the kinds of values, which `exec` does without."""

NAME_EXPECTED = "a name of up to 64 letters, digits, `_`, `.` and `-` that begins with a letter or digit"
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
