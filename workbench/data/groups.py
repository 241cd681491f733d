"""Connected components of a graph whose edges arrive a few at a time (union-find on arrays).

A component is known by its lowest member.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Groups:
    """`count` things, each in a group of its own until it is joined with another."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self._parents = np.arange(count)  # never above its own index, so that every path ends at the lowest member

    def roots(self, members: "NDArray[Any]") -> "NDArray[Any]":
        """Return the lowest member of the group of each of `members`."""
        parents = self._parents
        found: NDArray[Any] = parents[members]
        while True:
            above = parents[found]
            if (above == found).all():
                parents[members] = found
                return found
            parents[members] = found = parents[above]

    def join(self, left: "NDArray[Any]", right: "NDArray[Any]") -> None:
        """Join the group of left[i] with that of right[i], for each i."""
        import numpy as np

        while len(left):
            one, other = self.roots(left), self.roots(right)
            apart = one != other
            left, right, one, other = left[apart], right[apart], one[apart], other[apart]
            # A root that is joined with several goes below the lowest; the rest is found apart in the next round.
            np.minimum.at(self._parents, np.maximum(one, other), np.minimum(one, other))

    def labels(self) -> "NDArray[Any]":
        """Return the lowest member of the group of every thing: (count,) int64."""
        import numpy as np

        return self.roots(np.arange(len(self._parents)))
