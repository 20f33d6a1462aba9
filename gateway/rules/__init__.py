"""The rules as clinicians read them: a table, a page to sign, a page of the docs."""
