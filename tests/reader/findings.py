"""What a reader finds, and the verdict that follows: doc/package-format.md, "Whole, foreign,
damaged".

This reader was written from that page alone, without a look at spaceport's own: where the two
disagree, one of them is wrong, or the page is.
"""

FOREIGN = {"root-folder", "folder-entry", "comment", "litter", "odd-name", "odd-extra-field",
           "odd-flags", "odd-system", "odd-descriptor", "order"}
NEWER = {"newer-version", "newer-feature", "format"}
DOUBT = {"newer-minor", "odd-feature", "odd-entry", "odd-reference", "beyond-jsonb",
         "beyond-numeric", "warning"}
DAMAGE = {"no-zip", "end-record", "appended", "zip64", "split", "directory", "gap", "overlap",
          "local-header", "headers-differ", "descriptor", "encrypted", "flags", "method",
          "version-needed", "type", "extra-field", "name", "twice", "size", "data", "limit",
          "missing", "unlisted", "list", "checksum", "listed-size", "listed-rows", "manifest",
          "count", "structure", "mapping", "json", "schema", "row", "reference"}


class Stop(Exception):
    """Nothing more can be said of this package."""


class Findings:
    """What was found, in the order in which it was."""

    def __init__(self):
        self.all = []

    def add(self, code, entry, text):
        if code not in FOREIGN | NEWER | DOUBT | DAMAGE:
            raise AssertionError(f"the document has no finding {code}")
        self.all.append((code, entry, text))

    def stop(self, code, entry, text):
        self.add(code, entry, text)
        raise Stop

    def codes(self):
        return {code for code, _, _ in self.all}

    def verdict(self):
        """(word, exit code of `spaceport validate`)."""
        codes = self.codes()
        if codes & DAMAGE:
            return "bad", 5
        if codes & NEWER:
            return "newer", 6
        if codes & FOREIGN:
            return "foreign", 3
        return "ok", 3 if codes & DOUBT else 0
