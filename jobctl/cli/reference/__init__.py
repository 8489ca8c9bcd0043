"""What is written from the table of verbs: the completion scripts and the man page. Nothing here runs in a verb.

`python -m jobctl.cli.reference` writes them anew; a test says when that was forgotten.
"""
