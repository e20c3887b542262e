package funnel

import "math/bits"

// Masks are sets of steps: p.words 64-bit words an event, step s in bit s%64 of word s/64. A plain
// 32-bit mask would report nothing from step 33 on.

func hasBit(mask []uint64, s int) bool { return mask[s>>6]>>(uint(s)&63)&1 != 0 }

func setBit(mask []uint64, s int) { mask[s>>6] |= 1 << (uint(s) & 63) }

func clearBit(mask []uint64, s int) { mask[s>>6] &^= 1 << (uint(s) & 63) }

func empty(mask []uint64) bool {
	for _, w := range mask {
		if w != 0 {
			return false
		}
	}
	return true
}

func union(dst, src []uint64) {
	for i, w := range src {
		dst[i] |= w
	}
}

func intersect(dst, src []uint64) {
	for i, w := range src {
		dst[i] &= w
	}
}

func countBits(mask []uint64) int {
	n := 0
	for _, w := range mask {
		n += bits.OnesCount64(w)
	}
	return n
}

// highest returns the largest step ≤ limit in the mask, or -1.
func highest(mask []uint64, limit int) int {
	if limit < 0 {
		return -1
	}
	i := limit >> 6
	if i >= len(mask) {
		i, limit = len(mask)-1, 63
	}
	w := mask[i]
	if r := uint(limit) & 63; r < 63 {
		w &= 1<<(r+1) - 1
	}
	for {
		if w != 0 {
			return i<<6 + 63 - bits.LeadingZeros64(w)
		}
		if i--; i < 0 {
			return -1
		}
		w = mask[i]
	}
}
