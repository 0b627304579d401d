package hearing

import (
	"sync/atomic"
	"time"
)

const buckets = 4000

// Histogram counts durations by the millisecond; what is longer than four seconds counts as that. Safe for many at once.
type Histogram struct{ counts [buckets]atomic.Int64 }

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h.counts[min(max(int(d/time.Millisecond), 0), buckets-1)].Add(1)
}

// Spread is where durations lie, in seconds.
type Spread struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Counts is a copy, to tell what came after it.
func (h *Histogram) Counts() []int64 {
	counts := make([]int64, buckets)
	for at := range counts {
		counts[at] = h.counts[at].Load()
	}
	return counts
}

// Spread is of everything that was counted.
func (h *Histogram) Spread() Spread { return SpreadOf(h.Counts()) }

// SpreadOf is that of counts by the millisecond.
func SpreadOf(counts []int64) Spread {
	total := int64(0)
	for _, count := range counts {
		total += count
	}
	spread := Spread{Count: total}
	if total == 0 {
		return spread
	}
	seen := int64(0)
	for at, count := range counts {
		if count == 0 {
			continue
		}
		before := seen
		seen += count
		value := float64(at) / 1000
		for _, each := range []struct {
			share float64
			into  *float64
		}{{0.50, &spread.P50}, {0.95, &spread.P95}, {0.99, &spread.P99}} {
			if rank := each.share * float64(total); float64(before) < rank && float64(seen) >= rank {
				*each.into = value
			}
		}
		spread.Max = value
	}
	return spread
}
