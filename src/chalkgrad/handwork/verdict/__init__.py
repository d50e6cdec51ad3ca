"""Every claim of a paper judged: right, wrong, following from an earlier wrong line, or unreadable."""
