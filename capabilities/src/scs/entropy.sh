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
# each length there are, none of 26 bits or more, and no two words of 32 bits in a row that are the same.
failed=$(od -An -v -tu1 -N 2500000 /dev/random | awk '
    function ended(bit, length_) {
        if (length_ > 25) bad = 1
        runs[bit * 8 + (length_ > 6 ? 6 : length_)]++
    }
    BEGIN {
        for (byte = 0; byte < 256; byte++) {
            count = 0; last = -1; rest = byte
            for (at = 0; at < 8; at++) {
                bit = rest >= 128 ? 1 : 0
                rest = (rest * 2) % 256
                set[byte] += bit
                if (bit == last) { lengths[byte * 9 + count]++ } else { lengths[byte * 9 + ++count] = 1 }
                if (at == 0) first[byte] = bit
                last = bit
            }
            counts[byte] = count
        }
        split("2315 1114 527 240 103 103", least); split("2685 1386 723 384 209 209", most)
        word = ""; before = ""; run = 0
    }
    {
        for (field = 1; field <= NF; field++) {
            byte = $field + 0
            ones += set[byte]
            high = int(byte / 16); halves[high]++; halves[byte - high * 16]++
            bit = first[byte]
            for (at = 1; at <= counts[byte]; at++) {
                if (at == 1 && run > 0 && bit == value) { run += lengths[byte * 9 + 1] }
                else { if (run > 0) ended(value, run); run = lengths[byte * 9 + at] }
                value = bit; bit = 1 - bit
            }
            word = word " " byte
            if (++total % 4 == 0) { if (word == before) bad = 1; before = word; word = "" }
            if (total % 2500 == 0) {
                ended(value, run); run = 0
                sum = 0
                for (at = 0; at < 16; at++) { sum += halves[at] * halves[at]; halves[at] = 0 }
                poker = 16 / 5000 * sum - 5000
                if (ones <= 9725 || ones >= 10275 || poker <= 2.16 || poker >= 46.17) bad = 1
                for (bit = 0; bit < 2; bit++) for (at = 1; at < 7; at++) {
                    if (runs[bit * 8 + at] < least[at] || runs[bit * 8 + at] > most[at]) bad = 1
                    runs[bit * 8 + at] = 0
                }
                blocks++; failures += bad; bad = 0; ones = 0
            }
        }
    }
    END { print blocks + 0, failures + 0 }')
tell fips-test "$failed"
tell end "$(uname -r)"
