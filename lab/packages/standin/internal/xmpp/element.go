// Package xmpp is the small part of XMPP that the stand-ins need: one client connection with STARTTLS, SCRAM
// and resource binding, stanzas as trees, queries with answers, and membership of rooms. It is our own, on
// encoding/xml and mellium.im/sasl: they need little of XMPP, and must word failures as the real daemons do.
package xmpp

import (
	"encoding/xml"
	"strings"
)

// Element is an XML element with everything in it. Attributes carry no prefix but xml:.
type Element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []Element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

// New makes an element; attributes are given as name, value, name, value.
func New(space, name string, attributes ...string) Element {
	element := Element{XMLName: xml.Name{Space: space, Local: name}}
	for i := 0; i+1 < len(attributes); i += 2 {
		element.Attrs = append(element.Attrs, xml.Attr{Name: xml.Name{Local: attributes[i]}, Value: attributes[i+1]})
	}
	return element
}

// With returns the element with more children.
func (e Element) With(children ...Element) Element {
	e.Children = append(append([]Element{}, e.Children...), children...)
	return e
}

// Attr returns the value of an attribute, or "".
func (e *Element) Attr(name string) string {
	for _, attribute := range e.Attrs {
		if attribute.Name.Local == name {
			return attribute.Value
		}
	}
	return ""
}

// Child returns the first child of that namespace and name, or nil; an empty name stands for any.
func (e *Element) Child(space, name string) *Element {
	for i := range e.Children {
		child := &e.Children[i]
		if child.XMLName.Space == space && (name == "" || child.XMLName.Local == name) {
			return child
		}
	}
	return nil
}

// String writes the element as XML.
func (e Element) String() string {
	var out strings.Builder
	e.write(&out, "")
	return out.String()
}

func (e *Element) write(out *strings.Builder, parentSpace string) {
	out.WriteString("<" + e.XMLName.Local)
	space := e.XMLName.Space
	if space == "" {
		space = parentSpace
	}
	if space != parentSpace {
		writeAttribute(out, "xmlns", space)
	}
	for _, attribute := range e.Attrs {
		if attribute.Name.Local != "xmlns" && attribute.Name.Space != "xmlns" {
			writeAttribute(out, attribute.Name.Local, attribute.Value)
		}
	}
	out.WriteString(">")
	_ = xml.EscapeText(out, []byte(e.Text))
	for i := range e.Children {
		e.Children[i].write(out, space)
	}
	out.WriteString("</" + e.XMLName.Local + ">")
}

func writeAttribute(out *strings.Builder, name, value string) {
	out.WriteString(" " + name + "='")
	_ = xml.EscapeText(out, []byte(value))
	out.WriteString("'")
}

// Bare returns a JID without its resource.
func Bare(jid string) string {
	bare, _, _ := strings.Cut(jid, "/")
	return bare
}

// Resource returns the resource of a JID: in a room, the occupant's nickname.
func Resource(jid string) string {
	_, resource, _ := strings.Cut(jid, "/")
	return resource
}
