// Package presence is what bridges announce in the brewery: the statistics in Jitsi's own format, and, in a
// namespace of the lab's own, how many simulated endpoints each conference has on the bridge.
package presence

import (
	"sort"
	"strconv"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

const (
	nsColibri = "http://jitsi.org/protocol/colibri"
	// NS is the namespace of everything that only stand-ins say to each other.
	NS = "urn:audio-meet:standin"
	// NSHealth is that of jicofo's health query to a bridge.
	NSHealth = "http://jitsi.org/protocol/healthcheck"
)

// Stats are the statistics of a bridge, name → value.
type Stats map[string]string

// Element writes the statistics; a whitelist that is not nil keeps only the names in it.
func (s Stats) Element(whitelist []string) xmpp.Element {
	allowed := map[string]bool{}
	for _, name := range whitelist {
		allowed[name] = true
	}
	names := make([]string, 0, len(s))
	for name := range s {
		if whitelist == nil || allowed[name] {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	stats := xmpp.New(nsColibri, "stats")
	for _, name := range names {
		stats = stats.With(xmpp.New("", "stat", "name", name, "value", s[name]))
	}
	return stats
}

// ReadStats returns the statistics in a presence, or nil if there are none.
func ReadStats(presence *xmpp.Element) Stats {
	element := presence.Child(nsColibri, "stats")
	if element == nil {
		return nil
	}
	stats := Stats{}
	for i := range element.Children {
		stats[element.Children[i].Attr("name")] = element.Children[i].Attr("value")
	}
	return stats
}

// Endpoints are counts of simulated endpoints, conference → count.
type Endpoints map[string]int

// Total is the sum over all conferences.
func (e Endpoints) Total() int {
	total := 0
	for _, count := range e {
		total += count
	}
	return total
}

// Minus is what is left without others; nothing is below zero, and what is nothing is left out.
func (e Endpoints) Minus(others Endpoints) Endpoints {
	left := Endpoints{}
	for conference, count := range e {
		if n := count - others[conference]; n > 0 {
			left[conference] = n
		}
	}
	return left
}

// Plus is the sum, conference by conference.
func (e Endpoints) Plus(others Endpoints) Endpoints {
	sum := Endpoints{}
	for _, part := range []Endpoints{e, others} {
		for conference, count := range part {
			sum[conference] += count
		}
	}
	return sum
}

// Negative are the changes by which these endpoints leave.
func (e Endpoints) Negative() Endpoints {
	changes := Endpoints{}
	for conference, count := range e {
		changes[conference] = -count
	}
	return changes
}

// Element writes the counts; in a query of type set they are changes.
func (e Endpoints) Element() xmpp.Element {
	ids := make([]string, 0, len(e))
	for id := range e {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	element := xmpp.New(NS, "endpoints")
	for _, id := range ids {
		element = element.With(xmpp.New("", "conference", "id", id, "count", strconv.Itoa(e[id])))
	}
	return element
}

// ReadEndpoints returns the counts in a stanza, or nil if it has none. A count that is no number is left out.
func ReadEndpoints(stanza *xmpp.Element) Endpoints {
	element := stanza.Child(NS, "endpoints")
	if element == nil {
		return nil
	}
	endpoints := Endpoints{}
	for i := range element.Children {
		if count, err := strconv.Atoi(element.Children[i].Attr("count")); err == nil {
			endpoints[element.Children[i].Attr("id")] = count
		}
	}
	return endpoints
}
