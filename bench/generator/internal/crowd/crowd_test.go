package crowd

import (
	"bufio"
	"crypto/tls"
	"encoding/pem"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"audio-meet/bench/generator/internal/target"
)

const domain = "example.com" // the name in httptest's certificate

// room is a server with one room: everybody hears everybody's presence. It is no XMPP server, but says what one would.
type room struct {
	refuse func(number int) bool // HTTP 429 instead of a websocket
	deaf   func(number int) bool // takes the join and says nothing
	mute   func(number int, query string) bool
	drop   func(number int) bool // ends the connection after the join

	asked   atomic.Int64
	mutex   sync.Mutex
	arrived int
	members []*member
	acks    []string
	opened  []string
}

type member struct {
	write func(string)
	nick  string
}

func (r *room) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mutex.Lock()
	// The first one comes to ask jicofo for the room.
	number := r.arrived
	r.arrived++
	r.mutex.Unlock()
	if number > 0 && r.refuse != nil && r.refuse(number) {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	conn, _, _, err := ws.HTTPUpgrader{Protocol: func(string) bool { return true }}.Upgrade(request, w)
	if err != nil {
		return
	}
	defer conn.Close()
	var writer sync.Mutex
	self := &member{write: func(text string) {
		writer.Lock()
		defer writer.Unlock()
		_ = wsutil.WriteServerText(conn, []byte(text))
	}}
	r.serve(self, number, bufio.NewReader(conn))
}

func (r *room) serve(self *member, number int, reader *bufio.Reader) {
	for {
		frame, err := ws.ReadFrame(reader)
		if err != nil {
			return
		}
		heard := string(ws.UnmaskFrameInPlace(frame).Payload)
		switch {
		case strings.HasPrefix(heard, "<open"):
			r.mutex.Lock()
			r.opened = append(r.opened, attribute([]byte(heard), "to"))
			r.mutex.Unlock()
			self.write("<open/>")
			self.write("<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>")
		case strings.HasPrefix(heard, "<auth"):
			self.write("<success/>")
		case strings.Contains(heard, "<conference "):
			// The first question comes while jicofo still leaves the last room of that name.
			ready := r.asked.Add(1) > 1
			self.write(fmt.Sprintf("<iq type='result' id='%s'><conference ready='%t'/></iq>", attribute([]byte(heard), "id"), ready))
		case strings.HasPrefix(heard, "<iq"):
			if r.mute == nil || !r.mute(number, heard) {
				self.write(fmt.Sprintf("<iq type='result' id='%s'/>", attribute([]byte(heard), "id")))
			}
		case strings.HasPrefix(heard, "<enable"):
			self.write("<enabled/>")
		case strings.HasPrefix(heard, "<a "):
			r.mutex.Lock()
			r.acks = append(r.acks, heard)
			r.mutex.Unlock()
		case strings.HasPrefix(heard, "<presence"):
			if r.deaf == nil || !r.deaf(number) {
				r.announce(self, heard)
			}
			if r.drop != nil && r.drop(number) {
				return
			}
		case strings.HasPrefix(heard, "<close"):
			return
		}
	}
}

func (r *room) announce(self *member, heard string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	isNew := self.nick == ""
	_, said, _ := strings.Cut(heard, "<presence-turn>")
	said, _, _ = strings.Cut(said, "</presence-turn>")
	_, nick, _ := strings.Cut(attribute([]byte(heard), "to"), "/")
	self.nick = nick
	if isNew {
		for _, other := range r.members {
			self.write("<presence from='r/" + other.nick + "'/>")
		}
		r.members = append(r.members, self)
	}
	for _, one := range r.members {
		status := ""
		if one == self {
			status = "<status code='110'/>"
		}
		one.write("<presence from='r/" + nick + "'>" + status + "<presence-turn>" + said + "</presence-turn></presence>")
	}
	self.write("<r xmlns='urn:xmpp:sm:3'/>")
}

// serveRoom starts the server; what a crowd needs to find it.
func serveRoom(t *testing.T, r *room, more ...string) *target.Target {
	t.Helper()
	server := httptest.NewUnstartedServer(r)
	// Websockets need HTTP/1.1; the stub speaks nothing else.
	server.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
	server.StartTLS()
	t.Cleanup(server.Close)
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	flag.CommandLine = flag.NewFlagSet("test", flag.ContinueOnError)
	open := target.Register()
	words := append([]string{"-domain", domain, "-address", server.Listener.Addr().String(), "-ca", caFile}, more...)
	if err := flag.CommandLine.Parse(words); err != nil {
		t.Fatal(err)
	}
	to, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func run(t *testing.T, r *room, plan Plan) Report {
	t.Helper()
	plan.To, plan.Room, plan.Rooms, plan.Phase = serveRoom(t, r), "r", 1, func(string) {}
	report, err := Run(plan)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestACrowdComesInHearsEverybodyAndLeaves(t *testing.T) {
	r := &room{}
	plan := Plan{Participants: 20, PerSecond: 200, StreamManagement: true, Patience: 5 * time.Second}
	plan.Hold, plan.Interval = 300*time.Millisecond, time.Second
	report := run(t, r, plan)
	if report.Joined != 20 || report.Lost != 0 || report.SawAll != 20 || report.LostWhileHolding != 0 {
		t.Errorf("not everybody came in: %+v", report)
	}
	if !report.StreamManagement || len(r.acks) == 0 {
		t.Errorf("stream management was offered and not used; %d acknowledgements", len(r.acks))
	}
	if report.Changes < 4 || report.ChangesDelivered != report.ChangesExpected {
		t.Errorf("%d changes, %d of %d delivered", report.Changes, report.ChangesDelivered, report.ChangesExpected)
	}
	if report.Heard.P50 <= 0 || report.Heard.Max > 1 {
		t.Errorf("a change was heard after %+v", report.Heard)
	}
	if report.AllInSeconds < 0.09 || report.InRoom.P95 <= 0 || report.InRoom.P95 > report.InRoom.Max || report.Echo.P50 <= 0 {
		t.Errorf("the times cannot be: %+v", report)
	}
}

func TestAcknowledgementsCountWhatCame(t *testing.T) {
	r := &room{}
	run(t, r, Plan{Participants: 1, PerSecond: 1, StreamManagement: true, Patience: time.Second, Hold: 50 * time.Millisecond, Interval: time.Minute})
	if len(r.acks) == 0 || !strings.Contains(r.acks[0], "h='1'") {
		t.Errorf("after one presence: %v", r.acks)
	}
}

func TestWhoIsRefusedOrHearsNothingIsLost(t *testing.T) {
	// the first connection asks jicofo for the room
	refused := &room{refuse: func(number int) bool { return number > 0 && number%5 == 0 }}
	report := run(t, refused, Plan{Participants: 10, PerSecond: 100, Patience: 500 * time.Millisecond})
	if report.Joined != 8 || report.Lost != 2 || report.Failures["HTTP status 429"] != 2 {
		t.Errorf("two of ten are refused: %+v", report)
	}
	deaf := &room{deaf: func(number int) bool { return number == 3 }}
	report = run(t, deaf, Plan{Participants: 5, PerSecond: 100, Patience: 500 * time.Millisecond})
	if report.Joined != 4 || report.Lost != 1 {
		t.Errorf("one of five hears nothing: %+v", report)
	}
}

func TestEachMayAskForTheRoomFirst(t *testing.T) {
	r := &room{}
	report := run(t, r, Plan{Participants: 5, PerSecond: 100, AskEach: true, Patience: 5 * time.Second})
	if report.Joined != 5 || r.asked.Load() != 7 {
		t.Errorf("%d of 5 came in after %d questions", report.Joined, r.asked.Load())
	}
}

func TestOnlyTheFirstPresenceJoins(t *testing.T) {
	for turn, joins := range []bool{true, false} {
		text := presence("r@conference.example.com", "0123abcd", turn, time.Now())
		if strings.Contains(text, "'http://jabber.org/protocol/muc'") != joins {
			t.Errorf("turn %d: %s", turn, text)
		}
	}
}

func TestPresenceIsAsLargeAsJitsis(t *testing.T) {
	if size := len(presence("r@conference.example.com", "0123abcd", 1, time.Now())); size < 1100 || size > 1500 {
		t.Errorf("%d bytes; what a room makes of it should be about 1.5 kB", size)
	}
}

func TestQueriesAreAnsweredAndAnswersAreNot(t *testing.T) {
	query := "<iq type='get' id='a&apos;1' from='x@y/z'><ping xmlns='urn:xmpp:ping'/></iq>"
	if said := answer([]byte(query)); said != "<iq xmlns='jabber:client' type='result' id='a&apos;1' to='x@y/z'/>" {
		t.Errorf("got %s", said)
	}
	if said := answer([]byte("<iq type='result' id='bind'/>")); said != "" {
		t.Errorf("an answer was answered: %s", said)
	}
}

func TestSpread(t *testing.T) {
	var spread Spread
	for i := range 100 {
		spread.add(time.Duration(100-i) * time.Second)
	}
	spread.close()
	if spread.P50 != 50 || spread.P95 != 95 || spread.Max != 100 {
		t.Errorf("got %+v", spread)
	}
}
