package crowd

import (
	"sort"
	"time"
)

// interval is a time; it goes on while its end is zero.
type interval struct{ from, to time.Time }

// covered is how much of a time lies in at least one of the intervals.
func covered(intervals []interval, from, to time.Time) time.Duration {
	sort.Slice(intervals, func(a, b int) bool { return intervals[a].from.Before(intervals[b].from) })
	total, reached := time.Duration(0), from
	for _, each := range intervals {
		begin, end := each.from, each.to
		if end.IsZero() || end.After(to) {
			end = to
		}
		if begin.Before(reached) {
			begin = reached
		}
		if end.After(begin) {
			total += end.Sub(begin)
			reached = end
		}
	}
	return total
}
