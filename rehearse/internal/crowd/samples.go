package crowd

import (
	"context"
	"time"

	"audio-meet/rehearse/internal/hearing"
)

// Sample is one second of a rehearsal.
type Sample struct {
	Second     int     `json:"second"`
	Linked     int     `json:"linked"`     // participants with a link to a bridge
	Silent     int     `json:"silent"`     // of them, those that hear nothing although somebody speaks
	Packets    int64   `json:"packets"`    // that arrived in this second, all together
	DelayP50   float64 `json:"delayP50"`   // seconds
	DelayP95   float64 `json:"delayP95"`   // seconds
	DelayWorst float64 `json:"delayWorst"` // seconds
}

func (c *crowd) watch(ctx context.Context) {
	before, packets := c.tally.Delay.Counts(), int64(0)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for second := 1; ; second++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		counts, now := c.tally.Delay.Counts(), time.Now()
		spread := hearing.SpreadOf(difference(counts, before))
		heard := c.tally.Packets.Load()
		sample := Sample{Second: second, Packets: heard - packets, DelayP50: spread.P50, DelayP95: spread.P95, DelayWorst: spread.Max}
		for _, p := range c.members {
			if p.links.any() {
				sample.Linked++
				if p.listener.IsSilent(now) {
					sample.Silent++
				}
			}
		}
		c.samples = append(c.samples, sample)
		before, packets = counts, heard
	}
}

func difference(counts, before []int64) []int64 {
	since := make([]int64, len(counts))
	for at := range counts {
		since[at] = counts[at] - before[at]
	}
	return since
}
