package recorder

import (
	"encoding/json"
	"strings"

	"audio-meet/lab/packages/standin/internal/xmpp"
)

// occupant is somebody else in the conference, without the focus.
type occupant struct {
	isHidden bool // logged in at the recorders' own domain
	isMuted  bool
	identity map[string]any // as a token says it; nil for most
}

// readOccupant reads a presence as lib-jitsi-meet does: who has no source that is on counts as muted.
func readOccupant(stanza *xmpp.Element, hiddenDomain string) occupant {
	jid, _ := xmpp.Occupant(stanza)
	_, domain, _ := strings.Cut(xmpp.Bare(jid), "@")
	found := occupant{isHidden: domain == hiddenDomain, isMuted: true}
	name := ""
	for i := range stanza.Children {
		child := &stanza.Children[i]
		switch child.XMLName.Local {
		case "SourceInfo":
			var sources map[string]struct {
				Muted *bool `json:"muted"`
			}
			_ = json.Unmarshal([]byte(child.Text), &sources)
			for _, source := range sources {
				found.isMuted = found.isMuted && source.Muted != nil && *source.Muted
			}
		case "nick":
			name = child.Text
		case "identity":
			found.identity = readIdentity(child)
		}
	}
	if user, ok := found.identity["user"].(map[string]any); ok && name != "" {
		user["name"] = name
	}
	return found
}

// readIdentity turns <identity><user><id/>…</user><group/></identity> into what the page makes of it.
func readIdentity(element *xmpp.Element) map[string]any {
	identity := map[string]any{}
	for i := range element.Children {
		child := &element.Children[i]
		if len(child.Children) == 0 {
			identity[child.XMLName.Local] = child.Text
			continue
		}
		fields := map[string]any{}
		for j := range child.Children {
			fields[child.Children[j].XMLName.Local] = child.Children[j].Text
		}
		identity[child.XMLName.Local] = fields
	}
	return identity
}

// audience counts those whom a recorder records, and those of them who are muted.
func (c *call) audience() (participants, muted int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, one := range c.occupants {
		if one.isHidden {
			continue
		}
		participants++
		if one.isMuted {
			muted++
		}
	}
	return participants, muted
}

// identities are the participants of metadata.json: those whom a token names.
func (c *call) identities() []map[string]any {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	found := []map[string]any{}
	for _, one := range c.occupants {
		if one.identity != nil && !one.isHidden {
			found = append(found, one.identity)
		}
	}
	return found
}
