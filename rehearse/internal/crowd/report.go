package crowd

import (
	"sort"
	"time"

	"audio-meet/rehearse/internal/hearing"
)

// Report is what a crowd heard. Times are seconds unless they say otherwise.
type Report struct {
	Participants int            `json:"participants"`
	Talkers      int            `json:"talkers"`
	TurnSeconds  float64        `json:"turnSeconds"`
	HoldSeconds  float64        `json:"holdSeconds"`
	Linked       int            `json:"linked"`
	Failures     map[string]int `json:"failures"`

	Joined      hearing.Spread `json:"joined"`     // from the first packet of TCP to being in the room
	Connected   hearing.Spread `json:"connected"`  // … to a link to a bridge
	FirstSound  hearing.Spread `json:"firstSound"` // … to the first packet of somebody's tone
	Invitations int            `json:"invitations"`
	Returns     int            `json:"returns"` // somebody was thrown out and came again

	Turns        int            `json:"turns"`        // that went to their end
	SentPackets  int64          `json:"sentPackets"`  // by all talkers together
	Packets      int64          `json:"packets"`      // heard by all listeners together
	Missing      int64          `json:"missing"`      // within what somebody heard of a turn
	Loss         float64        `json:"loss"`         // share: missing of packets and missing
	Twice        int64          `json:"twice"`        // packets that came by two bridges
	Unnamed      int64          `json:"unnamed"`      // packets of a stream that the bridge has said no name of
	Strange      int64          `json:"strange"`      // packets that are no tone of ours
	WrongTone    int64          `json:"wrongTone"`    // turns whose decoded sound was not the talker's
	Delay        hearing.Spread `json:"delay"`        // from sending to arrival
	Onset        hearing.Spread `json:"onset"`        // from the beginning of a turn to its first packet
	Gaps         hearing.Spread `json:"gaps"`         // silences of over 0.2 s while somebody spoke
	SilentShare  float64        `json:"silentShare"`  // of the listening time of all
	HeardTurns   int            `json:"heardTurns"`   // turns decoded as the talker's tone, over all listeners
	Expected     int            `json:"expected"`     // turns times others that were there from beginning to end
	SendLateness hearing.Spread `json:"sendLateness"` // of the generator itself: how late packets left

	Bridges map[string]int `json:"bridges"` // participants by the bridge's address
	People  []Person       `json:"people"`
	Samples []Sample       `json:"samples"`
	Started time.Time      `json:"started"`
	AllIn   float64        `json:"allIn"` // seconds after the start
}

// Person is one participant.
type Person struct {
	Number     int     `json:"number"`
	Bridge     Bridge  `json:"bridge"`
	Failure    string  `json:"failure,omitempty"`
	FirstSound float64 `json:"firstSound"` // 0: heard nothing
	HeardTurns int     `json:"heardTurns"`
	HeardBy    int     `json:"heardBy"` // others who heard this one's tone at least once
	Spoke      bool    `json:"spoke"`
	HasChannel bool    `json:"hasChannel"`
	Silence    float64 `json:"silence"`
	LongestGap float64 `json:"longestGap"`
	Returns    int     `json:"returns,omitempty"`
	// Silences of over 0.2 s, in the order in which they ended.
	Silences []Silence `json:"silences,omitempty"`
}

// Silence is how long somebody heard nothing although somebody else spoke, and when it ended: seconds after the start.
type Silence struct {
	End    float64 `json:"end"`
	Length float64 `json:"length"`
}

// report closes all accounts and lets everybody leave.
func (c *crowd) report() *Report {
	now, o := time.Now(), c.options
	r := &Report{
		Participants: o.Participants, Talkers: o.Talkers, TurnSeconds: o.Turn.Seconds(), HoldSeconds: o.Hold.Seconds(),
		Failures: map[string]int{}, Bridges: map[string]int{}, Samples: c.samples, Started: c.started, AllIn: c.allIn.Sub(c.started).Seconds(),
	}
	accounts := make([]hearing.Account, len(c.members))
	listened := time.Duration(0)
	for at, p := range c.members {
		accounts[at] = p.listener.Close(now)
		if !accounts[at].FirstSound.IsZero() {
			listened += now.Sub(accounts[at].FirstSound)
		}
	}
	c.leave()
	r.People = c.people(accounts)
	c.count(r, accounts)
	c.tallied(r)
	silence := time.Duration(0)
	for _, each := range accounts {
		silence += each.Silence
	}
	if listened > 0 {
		r.SilentShare = silence.Seconds() / listened.Seconds()
	}
	return r
}

func (c *crowd) people(accounts []hearing.Account) []Person {
	heardBy, spoke := map[uint16]int{}, map[uint16]bool{}
	for _, account := range accounts {
		heard := map[uint16]bool{}
		for _, talker := range account.Heard {
			heard[talker] = true
		}
		for talker := range heard {
			heardBy[talker]++
		}
	}
	for _, each := range c.turns.all() {
		// A turn that the end cut off may have been too short to be made out.
		if each.to.Sub(each.from) >= c.options.Turn {
			spoke[each.who.number] = true
		}
	}
	people := make([]Person, len(accounts))
	for at, account := range accounts {
		p := c.members[at]
		person := Person{
			Number: at, Bridge: p.bridge, HeardBy: heardBy[p.number], Spoke: spoke[p.number], HasChannel: account.HasChannel,
			Silence: account.Silence.Seconds(), LongestGap: account.LongestGap.Seconds(),
			Returns: int(p.returns.Load()),
		}
		if p.failure != nil {
			person.Failure = p.failure.Error()
		}
		if !account.FirstSound.IsZero() {
			person.FirstSound = account.FirstSound.Sub(p.arrived).Seconds()
		}
		person.HeardTurns = len(account.Heard)
		for _, each := range account.Silences {
			person.Silences = append(person.Silences, Silence{End: each.End.Sub(c.started).Seconds(), Length: each.Length.Seconds()})
		}
		people[at] = person
	}
	return people
}

// count sums up what people say.
func (c *crowd) count(r *Report, accounts []hearing.Account) {
	var joined, connected, sound []float64
	for at, p := range c.members {
		person := r.People[at]
		r.Invitations += int(p.invitations.Load())
		r.Returns += person.Returns
		if person.Failure != "" {
			r.Failures[person.Failure]++
		}
		if !p.joined.IsZero() {
			joined = append(joined, p.joined.Sub(p.arrived).Seconds())
		}
		if !p.connected.IsZero() {
			r.Linked++
			r.Bridges[p.bridge.Address]++
			connected = append(connected, p.connected.Sub(p.arrived).Seconds())
		}
		if person.FirstSound > 0 {
			sound = append(sound, person.FirstSound)
		}
	}
	r.Joined, r.Connected, r.FirstSound = spread(joined), spread(connected), spread(sound)
	c.expect(r, accounts)
}

// expect compares what was said from beginning to end with what was heard of it.
func (c *crowd) expect(r *Report, accounts []hearing.Account) {
	for _, each := range c.turns.all() {
		if each.to.Sub(each.from) < c.options.Turn {
			continue
		}
		r.Turns++
		for at, p := range c.members {
			if p == each.who || p.connected.IsZero() || p.connected.After(each.from) {
				continue
			}
			r.Expected++
			if _, ok := accounts[at].Heard[each.turn]; ok {
				r.HeardTurns++
			}
		}
	}
}

func (c *crowd) tallied(r *Report) {
	t := &c.tally
	r.SentPackets, r.Packets, r.Missing = c.turns.sent.Load(), t.Packets.Load(), t.Missing.Load()
	r.Twice, r.Unnamed, r.Strange, r.WrongTone = t.Twice.Load(), t.Unnamed.Load(), t.Strange.Load(), t.WrongTone.Load()
	if total := r.Packets + r.Missing; total > 0 {
		r.Loss = float64(r.Missing) / float64(total)
	}
	r.Delay, r.Onset, r.Gaps, r.SendLateness = t.Delay.Spread(), t.Onset.Spread(), t.Gaps.Spread(), c.late.Spread()
}

func spread(values []float64) hearing.Spread {
	if len(values) == 0 {
		return hearing.Spread{}
	}
	sort.Float64s(values)
	at := func(share float64) float64 { return values[min(int(share*float64(len(values))), len(values)-1)] }
	return hearing.Spread{Count: int64(len(values)), P50: at(0.5), P95: at(0.95), P99: at(0.99), Max: values[len(values)-1]}
}
