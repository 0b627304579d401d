package focus

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/xmpp"
)

const nsVisitors = "jitsi:visitors"

// node is one of jicofo.xmpp.visitors: a Prosody for those who listen.
type node struct {
	login
	mucDomain  string
	connection *xmpp.Connection
}

// visitorSettings are jicofo.visitors and the nodes.
type visitorSettings struct {
	enabled        bool
	maxMain, maxOf int
	nodes          []node
}

func readVisitors(c *hocon.Config) visitorSettings {
	const base = "jicofo.visitors."
	v := visitorSettings{
		enabled: c.Bool(base+"enabled", false),
		maxMain: c.Int(base+"max-participants", 50), maxOf: c.Int(base+"max-visitors-per-node", 500),
	}
	for number := 1; ; number++ {
		name := fmt.Sprintf("v%d", number)
		l := readLogin(c, "visitors."+name, false, 5222)
		if !l.enabled {
			return v
		}
		l.name = name
		muc := c.String("jicofo.xmpp.visitors."+name+".conference-service", "")
		v.nodes = append(v.nodes, node{login: l, mucDomain: muc})
	}
}

// nodeRoom is a conference's room at a node, which the focus has joined or is joining.
type nodeRoom struct {
	name   string
	joined chan struct{} // closed once the focus is in, or has failed
	isIn   bool
	count  int // visitors that were sent there
}

// visitors are the rooms at nodes, by main room and node.
type visitors struct {
	focus *Focus
	mutex sync.Mutex
	open  map[string]map[string]*nodeRoom
}

func newVisitors(f *Focus) *visitors {
	return &visitors{focus: f, open: map[string]map[string]*nodeRoom{}}
}

// begin logs in at every node.
func (v *visitors) begin(ctx context.Context, trust xmpp.Trust) {
	nodes := v.focus.settings.visitors.nodes
	for i := range nodes {
		nodes[i].connection = v.focus.connect(nodes[i].login, trust)
		nodes[i].connection.Stanza = v.receive
		go nodes[i].connection.Run(ctx)
	}
}

// redirect names the node to which somebody is sent who asks for a room, "" for the main room. Only pages that know visitors are
// redirected: once there are visitors, all of them; before that, who comes after as many as may be in the main room.
func (v *visitors) redirect(room string, request *xmpp.Element) string {
	if !v.focus.settings.visitors.enabled || !knowsVisitors(request) {
		return ""
	}
	v.mutex.Lock()
	isUsed := len(v.open[room]) > 0
	v.mutex.Unlock()
	if !isUsed && v.focus.rooms.sizes()[room] < v.focus.settings.visitors.maxMain {
		return ""
	}
	name, at, isNew := v.choose(room)
	if at == nil {
		v.focus.log.Warn("Visitor node required, but none available.")
		return ""
	}
	if isNew {
		v.join(room, name, at)
	}
	select {
	case <-at.joined:
	case <-time.After(v.focus.settings.client.replyTimeout):
		v.focus.log.Error("[room=%s] No answer to the join", at.name)
	}
	if !v.isIn(at) {
		return ""
	}
	v.focus.log.Info("Redirecting to %s", name)
	return name
}

func (v *visitors) isIn(at *nodeRoom) bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return at.isIn
}

func knowsVisitors(request *xmpp.Element) bool {
	for i := range request.Children {
		if child := &request.Children[i]; child.XMLName.Local == "property" && child.Attr("name") == "visitors-version" {
			return true
		}
	}
	return false
}

// choose is the emptiest node that the conference has, and a new one once that is full.
func (v *visitors) choose(room string) (name string, at *nodeRoom, isNew bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	for known, candidate := range v.open[room] {
		if at == nil || candidate.count < at.count {
			name, at = known, candidate
		}
	}
	if at == nil || at.count >= v.focus.settings.visitors.maxOf {
		for _, n := range v.focus.settings.visitors.nodes {
			if v.open[room][n.name] != nil || n.connection.Session() == nil {
				continue
			}
			local, _, _ := strings.Cut(room, "@")
			name, isNew = n.name, true
			at = &nodeRoom{name: local + "@" + n.mucDomain, joined: make(chan struct{})}
			if v.open[room] == nil {
				v.open[room] = map[string]*nodeRoom{}
			}
			v.open[room][name] = at
			break
		}
	}
	if at != nil {
		at.count++
	}
	return name, at, isNew
}

// join enters the room at a node, and has the main Prosody tell it of the main participants.
func (v *visitors) join(room, name string, at *nodeRoom) {
	for _, n := range v.focus.settings.visitors.nodes {
		if session := n.connection.Session(); n.name == name && session != nil {
			if err := session.JoinRoom(at.name, nickname); err != nil {
				v.focus.log.Error("[room=%s] Cannot join: %v", at.name, err)
			}
		}
	}
	v.tell(room, xmpp.New(nsVisitors, "connect-vnode", "vnode", name))
}

// tell asks the component of visitors at the main Prosody for something.
func (v *visitors) tell(room string, what xmpp.Element) {
	session := v.focus.client.Session()
	if session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), v.focus.settings.client.replyTimeout)
	defer cancel()
	query := xmpp.New(nsVisitors, "visitors", "room", room).With(what)
	if _, err := session.Query(ctx, "get", "visitors."+v.focus.xmppDomain, query); err != nil {
		v.focus.log.Warn("Received error response: %v", err)
	}
}

func (v *visitors) receive(session *xmpp.Session, stanza *xmpp.Element) {
	if stanza.XMLName.Local != "presence" {
		v.focus.receive(session, stanza)
		return
	}
	own, _ := xmpp.IsOwn(stanza)
	kind := stanza.Attr("type")
	if !own && kind != "error" {
		return
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	for _, nodes := range v.open {
		for name, at := range nodes {
			switch {
			case at.name != xmpp.Bare(stanza.Attr("from")):
			case at.isIn && kind == "unavailable":
				v.focus.log.Info("[room=%s] Visitor room destroyed", at.name)
				delete(nodes, name)
			case !at.isIn:
				at.isIn = kind == ""
				close(at.joined)
				if !at.isIn {
					delete(nodes, name)
				}
			}
		}
	}
}

// end leaves the rooms at nodes when their conference has ended.
func (v *visitors) end(room string) {
	v.mutex.Lock()
	rooms := v.open[room]
	delete(v.open, room)
	v.mutex.Unlock()
	for name, at := range rooms {
		for _, n := range v.focus.settings.visitors.nodes {
			if session := n.connection.Session(); n.name == name && session != nil {
				_ = session.Send(xmpp.New("", "presence", "type", "unavailable", "to", at.name+"/"+nickname))
			}
		}
		go v.tell(room, xmpp.New(nsVisitors, "disconnect-vnode", "vnode", name))
	}
}

// supported is what the answer to a request says of visitors.
func (v *visitors) supported() string {
	return strconv.FormatBool(v.focus.settings.visitors.enabled)
}

// jidAt is the address of the focus at a node.
func (v *visitors) jidAt(name string) string {
	for _, n := range v.focus.settings.visitors.nodes {
		if n.name == name {
			return n.user + "@" + n.domain
		}
	}
	return ""
}
