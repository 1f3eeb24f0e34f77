"""The one class of error that a user can mend."""


class UserError(Exception):
    """Something the user can mend: what happened and what to do, one sentence each.

    Attributes:
        what: One sentence about what happened, with what was given and what is allowed.
        todo: One sentence about what to do.
        details: Optional longer text (a traceback, a list of rows) shown in a fold.
    """

    def __init__(self, what: str, todo: str = "", details: str = "") -> None:
        super().__init__(f"{what} {todo}".strip())
        self.what = what
        self.todo = todo
        self.details = details
