package bridge

import (
	"context"
	"net"
	"time"
)

// checkHealth repeats the check at each interval; the first one comes after one interval, as in the real bridge.
func (b *Bridge) checkHealth(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(b.healthInterval):
		}
		problem := ""
		if b.requireAddress && len(b.mappings) == 0 && !hasPublicAddress() {
			problem = "No valid IP addresses available for harvesting."
			b.log.Error("Health check failed: %s", problem)
		}
		b.locked(func() { b.unhealthy = problem })
	}
}

// hasPublicAddress tells whether an interface has an address that is not private, link-local or loopback.
func hasPublicAddress() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if ok && network.IP.IsGlobalUnicast() && !network.IP.IsPrivate() {
			return true
		}
	}
	return false
}
