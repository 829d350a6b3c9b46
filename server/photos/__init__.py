"""Photos that betray nobody: drawn anew in a process with limits, kept safely, shown to moderators alone."""
