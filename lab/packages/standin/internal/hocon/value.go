// Package hocon reads HOCON as the daemons' own library does: it is strict about syntax, resolves ${VAR} from
// the file and then from the environment, and fails on what stays unresolved.
//
// It is our own because the library that was tried first (go-akka/configuration) accepts broken files (a missing
// brace, an open quote) and knows no quoted keys: a stand-in more patient than the real daemon hides mistakes.
// Not supported, and refused by name: include.
package hocon

import "fmt"

type kind int

const (
	scalar kind = iota
	object
	array
	substitution
	concatenation
)

// node is one value of the tree, before and after substitution.
type node struct {
	kind     kind
	text     string // scalar: its text; substitution: its path as written
	quoted   bool   // scalar: was quoted, thus a string whatever it looks like
	optional bool   // substitution: ${?...}
	path     []string
	keys     []string // object: field names in order of appearance
	fields   map[string]*node
	items    []*node // array: elements; concatenation: parts
	gap      bool    // part of a concatenation: whitespace stood before it
	prior    *node   // what the same key held before, if this value needs substitution
	line     int
}

func newObject(line int) *node { return &node{kind: object, fields: map[string]*node{}, line: line} }

// set puts value at path below n, merging objects and keeping what it hides while substitutions are open.
func (n *node) set(path []string, value *node) {
	key := path[0]
	old, exists := n.fields[key]
	if !exists {
		n.keys = append(n.keys, key)
	}
	if len(path) > 1 {
		child := old
		if !exists || old.kind != object {
			child = newObject(value.line)
			if exists && old.needsResolving() {
				child.prior = old
			}
			n.fields[key] = child
		}
		child.set(path[1:], value)
		return
	}
	if exists && old.kind == object && value.kind == object {
		for _, name := range value.keys {
			old.set([]string{name}, value.fields[name])
		}
		return
	}
	if exists && value.needsResolving() {
		value.prior = old
	}
	n.fields[key] = value
}

func (n *node) needsResolving() bool { return n.kind == substitution || n.kind == concatenation }

func (n *node) find(path []string) *node {
	for _, key := range path {
		if n == nil || n.kind != object {
			return nil
		}
		n = n.fields[key]
	}
	return n
}

// SyntaxError tells where a file is not HOCON.
type SyntaxError struct {
	File    string
	Line    int
	Problem string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s: %d: %s", e.File, e.Line, e.Problem) }
