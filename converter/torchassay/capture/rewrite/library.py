"""Python's functions in statements that TorchScript has. They are specialised for their arguments like the user's code."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: ANN001, ANN201

import math


def largest(values, key):
    """`max(values, key=key)`: the first of equal ones."""
    best = values[0]
    height = key(best)
    for value in values[1:]:
        other = key(value)
        if other > height:
            best, height = value, other
    return best


def smallest(values, key):
    """`min(values, key=key)`."""
    best = values[0]
    height = key(best)
    for value in values[1:]:
        other = key(value)
        if other < height:
            best, height = value, other
    return best


def ordered(values, key):
    """`sorted(values, key=key)`: equal ones stay in their order."""
    keys = [key(value) for value in values]
    order = list(range(len(keys)))
    for i in range(1, len(keys)):
        j = i
        while j > 0 and keys[order[j]] < keys[order[j - 1]]:
            held = order[j]
            order[j] = order[j - 1]
            order[j - 1] = held
            j -= 1
    return [values[i] for i in order]


def ordered_down(values, key):
    """`sorted(values, key=key, reverse=True)`: equal ones stay in their order here too."""
    keys = [key(value) for value in values]
    order = list(range(len(keys)))
    for i in range(1, len(keys)):
        j = i
        while j > 0 and keys[order[j]] > keys[order[j - 1]]:
            held = order[j]
            order[j] = order[j - 1]
            order[j - 1] = held
            j -= 1
    return [values[i] for i in order]


def itself(value):
    """The key of a sort without one."""
    return value


def distinct(values):
    """`dict.fromkeys(values)` as a list: each value where it was met first."""
    found = values[:0]
    for value in values:
        if value not in found:
            found.append(value)
    return found


def pairs(values):
    """`itertools.combinations(values, 2)`."""
    return [(values[i], values[j]) for i in range(len(values)) for j in range(i + 1, len(values))]


def triples(values):
    """`itertools.combinations(values, 3)`."""
    count = len(values)
    return [(values[i], values[j], values[k]) for i in range(count) for j in range(i + 1, count) for k in range(j + 1, count)]


def neighbours(values):
    """`itertools.pairwise(values)`."""
    return [(values[i], values[i + 1]) for i in range(len(values) - 1)]


def crossed(left, right):
    """`itertools.product(left, right)`."""
    return [(one, two) for one in left for two in right]


def accumulated(values, function):
    """`itertools.accumulate(values, function)`."""
    found = values[:1]
    for value in values[1:]:
        found.append(function(found[-1], value))
    return found


def added(left, right):
    """The step of a running sum."""
    return left + right


def chained(rows):
    """`itertools.chain.from_iterable(rows)`."""
    return [item for row in rows for item in row]


def while_true(test, values):
    """`itertools.takewhile(test, values)`."""
    found = values[:0]
    for value in values:
        if not test(value):
            break
        found.append(value)
    return found


def transposed(rows):
    """`zip(*rows)` of lists."""
    count = min([len(row) for row in rows])
    return [[row[i] for row in rows] for i in range(count)]


def keyed(keys, value):
    """`dict.fromkeys(keys, value)`."""
    return {key: value for key in keys}  # noqa: C420 - this is what `fromkeys` becomes


def counted(values):
    """`collections.Counter(values)`."""
    found = {}  # type: ignore[var-annotated]
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def second(pair):
    """The count in an item of a `Counter`."""
    return pair[1]


def grouped(values, key):
    """`itertools.groupby(values, key)` with its groups as lists."""
    keys = [key(value) for value in values]
    starts = [i for i in range(len(keys)) if i == 0 or keys[i] != keys[i - 1]]
    ends = starts[1:] + [len(keys)]  # noqa: RUF005 - TorchScript adds lists
    return [(keys[start], values[start:end]) for start, end in zip(starts, ends)]  # noqa: B905 - equally long


def united(left, right):
    """`left | right` of sets, which are lists without repetitions."""
    return left + [value for value in right if value not in left]


def common(left, right):
    """`left & right`."""
    return [value for value in left if value in right]


def without(left, right):
    """`left - right`."""
    return [value for value in left if value not in right]


def unshared(left, right):
    """`left ^ right`."""
    return [value for value in left if value not in right] + [value for value in right if value not in left]


def within(left, right):
    """`left <= right`."""
    return all(value in right for value in left)


def strictly_within(left, right):
    """`left < right`."""
    return len(left) < len(right) and all(value in right for value in left)


def covers(left, right):
    """`left >= right`."""
    return all(value in left for value in right)


def strictly_covers(left, right):
    """`left > right`."""
    return len(left) > len(right) and all(value in left for value in right)


def equal_sets(left, right):
    """`left == right`."""
    return len(left) == len(right) and all(value in right for value in left)


def unequal_sets(left, right):
    """`left != right`."""
    return len(left) != len(right) or any(value not in right for value in left)


def disjoint(left, right):
    """`left.isdisjoint(right)`."""
    return not any(value in right for value in left)


def place_left(a, x, lo=0, hi=None):
    """`bisect.bisect_left(a, x)`."""
    low = lo
    high = len(a) if hi is None else hi
    while low < high:
        middle = (low + high) // 2
        if a[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def place_right(a, x, lo=0, hi=None):
    """`bisect.bisect_right(a, x)`."""
    low = lo
    high = len(a) if hi is None else hi
    while low < high:
        middle = (low + high) // 2
        if x < a[middle]:
            high = middle
        else:
            low = middle + 1
    return low


def put_left(a, x):
    """`bisect.insort_left(a, x)`."""
    a.insert(place_left(a, x), x)


def put_right(a, x):
    """`bisect.insort_right(a, x)`."""
    a.insert(place_right(a, x), x)


def cut_out(values, start, stop):
    """`del values[start:stop]`: where a bound is negative or too large, it counts from the end or stops there."""
    count = len(values)
    first = max(start + count, 0) if start < 0 else min(start, count)
    last = max(stop + count, 0) if stop < 0 else min(stop, count)
    for _ in range(last - first):
        values.pop(first)


def put_in(values, start, stop, items):
    """`values[start:stop] = items`."""
    new = list(items)
    count = len(values)
    first = max(start + count, 0) if start < 0 else min(start, count)
    cut_out(values, start, stop)
    for number in range(len(new)):
        values.insert(first + number, new[number])


def close(a, b, rel_tol=1e-09, abs_tol=0.0):
    """`math.isclose(a, b)`."""
    if a == b:
        return True
    if math.isinf(a) or math.isinf(b):
        return False
    return abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol)
