"""A second implementation of the permutations, in plain integers: what NcService must count for a seed on every machine.

Prints for x_i = i*i mod 23 and y_i = 7 i mod 19, i = 0..20, seed 20240524 and B = 50,000 the number of permutations with |r*| >= |r|, with
r* >= r and with r* <= r, decided in integer arithmetic.
"""
MASK = (1 << 64) - 1
N, SEED, PERMUTATIONS = 21, 20240524, 50_000
BLOCK, LANES = 1 << 14, 32


def rotate(value, count):
    return ((value << count) | (value >> (64 - count))) & MASK


def split_mix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


class Scalar:
    """xoshiro256** of (seed, stream)."""

    def __init__(self, seed, stream):
        _, mixed = split_mix(seed)
        state = mixed ^ ((stream * 0xD1342543DE82EF95) & MASK)
        self.state = []
        for _ in range(4):
            state, word = split_mix(state)
            self.state.append(word)

    def next(self):
        a, b, c, d = self.state
        result = (rotate((b * 5) & MASK, 7) * 9) & MASK
        t = (b << 17) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        self.state = [a, b, c, rotate(d, 45)]
        return result


class Lanes:
    """Eight xoshiro256++ side by side, four 16-bit words of each, the lowest first."""

    def __init__(self, seed, stream):
        source = Scalar(seed, stream)
        words = [source.next() for _ in range(32)]
        self.states = [[words[8 * part + lane] for part in range(4)] for lane in range(8)]

    def words(self):
        result = []
        for state in self.states:
            a, b, c, d = state
            word = (rotate((a + d) & MASK, 23) + a) & MASK
            t = (b << 17) & MASK
            c ^= a
            d ^= b
            b ^= c
            a ^= d
            c ^= t
            state[:] = [a, b, c, rotate(d, 45)]
            result += [(word >> shift) & 0xFFFF for shift in (0, 16, 32, 48)]
        return result

    def below(self, bound):
        words, threshold = self.words(), (1 << 16) % bound
        while any(rejected := [(word * bound) & 0xFFFF < threshold for word in words]):
            fresh = self.words()
            words = [new if again else old for old, new, again in zip(words, fresh, rejected)]
        return [(word * bound) >> 16 for word in words]


x = [i * i % 23 for i in range(N)]
y = [7 * i % 19 for i in range(N)]


def statistic(values):
    return N * sum(a * b for a, b in zip(x, values)) - sum(x) * sum(y)


observed = statistic(y)
two_sided = greater = less = 0
for block in range((PERMUTATIONS + BLOCK - 1) // BLOCK):
    random = Lanes(SEED, block)
    size = min(BLOCK, PERMUTATIONS - block * BLOCK)
    for done in range(0, size, LANES):
        arrangements = [[y[0]] for _ in range(LANES)]
        for i in range(1, N):
            for values, place in zip(arrangements, random.below(i + 1)):
                values.append(y[i])
                values[i], values[place] = values[place], values[i]
        for values in arrangements[: size - done]:
            value = statistic(values)
            two_sided += abs(value) >= abs(observed)
            greater += value >= observed
            less += value <= observed
print(f"two-sided {two_sided}, greater {greater}, less {less}")
