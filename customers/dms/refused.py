"""Files refused whole."""


class FileRefused(Exception):  # an answer, not a fault
    """A file nothing is taken from; ``reason_code`` is one of labels.REFUSALS."""

    def __init__(self, reason_code: str, message: str = "") -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self._message = message

    @property
    def message(self) -> str:
        """The reason in plain words, in the language in force."""
        # Imported here: the process that parses untrusted files does without Django.
        from customers.dms.labels import refusal_label

        return self._message or str(refusal_label(self.reason_code))

    def __str__(self) -> str:
        return self.reason_code
