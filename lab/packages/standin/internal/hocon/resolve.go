package hocon

import (
	"fmt"
	"os"
	"strings"
)

// UnresolvedError is a ${VAR} that neither the file nor the environment defines.
type UnresolvedError struct {
	File string
	Line int
	Name string
}

func (e *UnresolvedError) Error() string {
	return fmt.Sprintf("%s: %d: Could not resolve substitution to a value: ${%s}", e.File, e.Line, e.Name)
}

type resolver struct {
	file    string
	root    *node
	pending map[*node]bool // being resolved: a second visit is a cycle
}

// joinPlain turns a concatenation of scalars into one scalar; anything else is left for the resolver.
func joinPlain(n *node) *node {
	var out strings.Builder
	quoted := false
	for _, part := range n.items {
		if part.kind != scalar {
			return n
		}
		if part.gap {
			out.WriteByte(' ')
		}
		out.WriteString(part.text)
		quoted = quoted || part.quoted
	}
	return &node{kind: scalar, text: out.String(), quoted: quoted, line: n.line, prior: n.prior}
}

// resolve returns the value of n without substitutions, or nil if an optional one leaves nothing.
func (r *resolver) resolve(n *node) (*node, error) {
	switch n.kind {
	case object:
		return r.resolveObject(n)
	case array:
		out := &node{kind: array, line: n.line}
		for _, item := range n.items {
			value, err := r.resolve(item)
			if err != nil {
				return nil, err
			}
			if value != nil {
				out.items = append(out.items, value)
			}
		}
		return out, nil
	case substitution:
		return r.lookup(n)
	case concatenation:
		return r.concatenate(n)
	}
	return n, nil
}

func (r *resolver) resolveObject(n *node) (*node, error) {
	out := newObject(n.line)
	if n.prior != nil {
		prior, err := r.resolve(n.prior)
		if err != nil {
			return nil, err
		}
		if prior != nil && prior.kind == object {
			out = prior
		}
	}
	for _, key := range n.keys {
		value, err := r.resolve(n.fields[key])
		if err != nil {
			return nil, err
		}
		if value != nil {
			out.set([]string{key}, value)
		}
	}
	return out, nil
}

func (r *resolver) lookup(n *node) (*node, error) {
	unresolved := &UnresolvedError{File: r.file, Line: n.line, Name: n.text}
	target := r.root.find(n.path)
	if target == n || (target != nil && r.pending[target]) {
		target = n.prior // ${x} inside x means what x was before
	}
	if target != nil {
		if r.pending[target] {
			return nil, unresolved
		}
		r.pending[target] = true
		defer delete(r.pending, target)
		value, err := r.resolve(target)
		if err != nil || value == nil {
			return nil, err
		}
		return r.mergeOver(n.prior, value)
	}
	if text, ok := os.LookupEnv(strings.Join(n.path, ".")); ok {
		return &node{kind: scalar, text: text, quoted: true, line: n.line}, nil
	}
	if !n.optional {
		return nil, unresolved
	}
	if n.prior != nil {
		return r.resolve(n.prior)
	}
	return nil, nil
}

// mergeOver lays an object that came from a substitution over the object that stood there before.
func (r *resolver) mergeOver(prior, value *node) (*node, error) {
	if prior == nil || value.kind != object {
		return value, nil
	}
	below, err := r.resolve(prior)
	if err != nil || below == nil || below.kind != object {
		return value, err
	}
	for _, key := range value.keys {
		below.set([]string{key}, value.fields[key])
	}
	return below, nil
}

func (r *resolver) concatenate(n *node) (*node, error) {
	r.pending[n] = true
	defer delete(r.pending, n)
	var parts []*node
	for _, part := range n.items {
		if part.kind == substitution && part.prior == nil {
			part.prior = n.prior
		}
		value, err := r.resolve(part)
		if err != nil {
			return nil, err
		}
		if value != nil {
			copied := *value
			copied.gap = part.gap
			parts = append(parts, &copied)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return r.join(parts, n.line)
}

func (r *resolver) join(parts []*node, line int) (*node, error) {
	for _, part := range parts[1:] {
		if part.kind != parts[0].kind {
			return nil, &SyntaxError{File: r.file, Line: line, Problem: "cannot join values of different kinds"}
		}
	}
	switch parts[0].kind {
	case array:
		out := &node{kind: array, line: line}
		for _, part := range parts {
			out.items = append(out.items, part.items...)
		}
		return out, nil
	case object:
		out := newObject(line)
		for _, part := range parts {
			for _, key := range part.keys {
				out.set([]string{key}, part.fields[key])
			}
		}
		return out, nil
	}
	return joinPlain(&node{kind: concatenation, items: parts, line: line}), nil
}
