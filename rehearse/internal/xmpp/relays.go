package xmpp

import (
	"context"
	"encoding/xml"
	"fmt"

	"github.com/pion/stun/v4"
)

// Relays asks the server for its servers of TURN and for credentials (XEP-0215), as the page does. `transport` is udp, tcp or tls;
// empty: all.
func (s *Stream) Relays(ctx context.Context, domain, transport string) ([]*stun.URI, error) {
	answer, err := s.Ask(ctx, "get", domain, "<services xmlns='urn:xmpp:extdisco:2'/>")
	if err != nil {
		return nil, fmt.Errorf("the servers of TURN: %w", err)
	}
	relays, err := relaysIn(answer, transport)
	if err == nil && len(relays) == 0 {
		err = fmt.Errorf("the server offers no TURN over %s", transport)
	}
	return relays, err
}

func relaysIn(answer []byte, wanted string) ([]*stun.URI, error) {
	var said struct {
		Services []struct {
			Type      string `xml:"type,attr"`
			Host      string `xml:"host,attr"`
			Port      int    `xml:"port,attr"`
			Transport string `xml:"transport,attr"`
			Username  string `xml:"username,attr"`
			Password  string `xml:"password,attr"`
		} `xml:"services>service"`
	}
	if err := xml.Unmarshal(answer, &said); err != nil {
		return nil, fmt.Errorf("the servers of TURN: %w", err)
	}
	var relays []*stun.URI
	for _, each := range said.Services {
		uri := &stun.URI{Scheme: stun.SchemeTypeTURN, Host: each.Host, Port: each.Port, Username: each.Username, Password: each.Password, Proto: stun.ProtoTypeUDP}
		way := each.Transport
		if each.Type == "turns" {
			uri.Scheme, way = stun.SchemeTypeTURNS, "tls"
		} else if each.Type != "turn" {
			continue
		}
		if each.Transport == "tcp" {
			uri.Proto = stun.ProtoTypeTCP
		}
		if wanted == "" || wanted == way {
			relays = append(relays, uri)
		}
	}
	return relays, nil
}
