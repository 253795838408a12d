#!/bin/sh
# Tells on the console how a server stands with random numbers. It needs nothing but what each system has: no packages, no network.
# A line begins with a mark and ends with a semicolon, so that what other programs write between does no harm.
tell() {
    for place in /dev/console /dev/ttyS0; do
        [ -w "$place" ] && echo "assay-says $1: $2 ;" >"$place"
    done 2>/dev/null
}

tell entropy-avail "$(cat /proc/sys/kernel/random/entropy_avail 2>&1)"
for unit in rngd rng-tools rng-tools-debian rng-tools5; do
    systemctl cat "$unit.service" >/dev/null 2>&1 && tell rngd "$unit"
done

# The tests of FIPS 140-2 on 1000 blocks of 20000 bits: how many bits are set, how even the halves of bytes are, how many runs of
# each length there are, none of 26 bits or more, and no two words of 32 bits in a row that are the same. What follows from a byte
# alone is looked up, and worked out once for all equal bytes of a block: a server may have a slow processor.
failed=$(od -An -v -tu1 -N 2500000 /dev/random | awk '
    # So many runs of a block have ended, of bits that are zeros or ones.
    function ended(bit, long, times) {
        if (long > 25) bad = 1
        runs[bit * 8 + (long > 6 ? 6 : long)] += times
    }
    # What is counted of a block: its bytes, and which run was open before each (a bit and a length, as bit * 32 + length).
    function block(  byte, bit, long, at, sum, key, poker) {
        ones = 0
        for (byte in seen) {
            ones += seen[byte] * set[byte]
            halves[int(byte / 16)] += seen[byte]; halves[byte % 16] += seen[byte]
            for (at = 1; at <= inner[byte]; at++) runs[run[byte * 8 + at]] += seen[byte]
        }
        for (key in met) {
            long = int(key / 32) % 32; bit = int(key / 1024)
            head = key % 16; other = int(key % 32 / 16) != bit
            if (other || head == 8) { if (long) ended(bit, long, met[key]); long = 0 }
            if (head < 8) ended(int(key % 32 / 16), long + head, met[key])
        }
        ended(int(open / 32), open % 32, 1)
        for (at = 0; at < 16; at++) sum += halves[at] * halves[at]
        poker = 16 / 5000 * sum - 5000
        if (ones <= 9725 || ones >= 10275 || poker <= 2.16 || poker >= 46.17) bad = 1
        for (bit = 0; bit < 2; bit++) for (at = 1; at < 7; at++)
            if (runs[bit * 8 + at] < least[at] || runs[bit * 8 + at] > most[at]) bad = 1
        split("", seen); split("", met); split("", halves); split("", runs)
        blocks++; failures += bad; bad = open = 0
    }
    BEGIN {
        for (byte = 0; byte < 256; byte++) {
            rest = byte; pieces = 0; last = -1
            for (at = 0; at < 8; at++) {
                bit = int(rest / 128)
                rest = rest * 2 % 256
                set[byte] += bit
                if (bit != last) length_of[++pieces] = 0
                length_of[pieces]++
                last = bit
            }
            first = int(byte / 128)
            head_of[byte] = first * 16 + length_of[1]; tail_of[byte] = last * 32 + length_of[pieces]
            inner[byte] = 0
            for (at = 2; at < pieces; at++) run[byte * 8 + ++inner[byte]] = (first + at + 1) % 2 * 8 + length_of[at]
        }
        split("2315 1114 527 240 103 103", least); split("2685 1386 723 384 209 209", most)
    }
    {
        for (field = 1; field <= NF; field++) {
            byte = $field
            seen[byte]++
            # A byte of equal bits makes the open run longer.
            if (byte % 255 == 0 && open % 32 && int(open / 32) == byte / 255) open += open % 32 < 24 ? 8 : 31 - open % 32
            else { met[open * 32 + head_of[byte]]++; open = tail_of[byte] }
            word = word * 256 + byte
            if (++total % 4 == 0) { if (word == before) bad = 1; before = word; word = 0 }
            if (total % 2500 == 0) block()
        }
    }
    END { print blocks + 0, failures + 0 }')
tell fips-test "$failed"
tell end "$(uname -r)"
