package hocon

import "strings"

type parser struct{ scanner }

// parse reads a whole file into an unresolved tree. Errors are *SyntaxError.
func parse(file, text string) (root *node, err error) {
	p := &parser{scanner{file: file, text: []rune(text), line: 1}}
	defer func() {
		if caught := recover(); caught != nil {
			syntax, ok := caught.(*SyntaxError)
			if !ok {
				panic(caught)
			}
			err = syntax
		}
	}()
	p.space()
	root = newObject(1)
	if p.at(0) == '[' {
		p.fail("the file must hold an object, not a list")
	}
	if p.at(0) == '{' {
		p.next()
		p.fieldsInto(root, '}')
		p.space()
		if !p.done() {
			p.fail("there is text after the closing brace")
		}
		return root, nil
	}
	p.fieldsInto(root, 0)
	return root, nil
}

// fieldsInto reads fields up to the closing rune, or to the end of the file if it is 0.
func (p *parser) fieldsInto(target *node, closing rune) {
	p.space()
	for {
		if p.done() {
			if closing != 0 {
				p.fail("expecting '}' before the end of the file")
			}
			return
		}
		if p.at(0) == closing {
			p.next()
			return
		}
		p.field(target)
		p.separator(closing)
	}
}

// separator demands a line end or one comma between two elements, unless the closing rune follows.
func (p *parser) separator(closing rune) {
	newline := p.space()
	if p.at(0) == ',' {
		p.next()
		p.space()
		if p.at(0) == ',' {
			p.fail("two commas in a row")
		}
		return
	}
	if !newline && !p.done() && p.at(0) != closing {
		p.fail("expecting a comma or a line end before '" + string(p.at(0)) + "'")
	}
}

func (p *parser) field(target *node) {
	line := p.line
	path := p.keyPath()
	p.space()
	if p.at(0) == '{' {
		target.set(path, p.value())
		return
	}
	if p.hasPrefix("+=") {
		p.pos += 2
		p.appendTo(target, path, line)
		return
	}
	if p.at(0) != ':' && p.at(0) != '=' {
		p.fail("key '" + strings.Join(path, ".") + "' has no '=' or ':' after it")
	}
	p.next()
	p.space()
	target.set(path, p.value())
}

// appendTo carries out `path += value`, which means `path = ${?path} [value]`.
func (p *parser) appendTo(target *node, path []string, line int) {
	p.space()
	element := &node{kind: array, items: []*node{p.value()}, line: line}
	old := target.find(path)
	if old == nil {
		target.set(path, element)
		return
	}
	target.set(path, &node{kind: concatenation, items: []*node{old, element}, line: line})
}

func (p *parser) keyPath() []string {
	var path []string
	for {
		p.blanks()
		segment, gap := "", ""
		start := p.pos
		for !strings.ContainsRune(".:=+{", p.at(0)) && !p.done() && p.at(0) != '\n' {
			if p.at(0) == '"' {
				segment += gap + p.quoted()
			} else if word := p.unquoted(true); word != "" {
				segment += gap + word
			} else {
				p.fail("'" + string(p.at(0)) + "' is not allowed in a key; quote the key")
			}
			gap = ""
			if p.blanks() {
				gap = " "
			}
		}
		if p.pos == start {
			p.fail("expecting a key")
		}
		path = append(path, segment)
		if p.at(0) != '.' {
			break
		}
		p.next()
	}
	if strings.HasPrefix(path[0], "include ") || path[0] == "include" {
		p.fail("'include' is not supported here")
	}
	return path
}

// value reads one value: a scalar, list, object, substitution, or a concatenation of them.
func (p *parser) value() *node {
	var parts []*node
	gap := false
	for {
		part := p.part()
		if part == nil {
			break
		}
		part.gap = gap && len(parts) > 0
		parts = append(parts, part)
		gap = p.blanks()
	}
	switch len(parts) {
	case 0:
		p.fail("expecting a value")
		return nil
	case 1:
		return parts[0]
	}
	return joinPlain(&node{kind: concatenation, items: parts, line: parts[0].line})
}

func (p *parser) part() *node {
	line := p.line
	switch r := p.at(0); {
	case p.done() || strings.ContainsRune("\n,}]", r) || p.comment():
		return nil
	case r == '"':
		return &node{kind: scalar, text: p.quoted(), quoted: true, line: line}
	case r == '{':
		p.next()
		child := newObject(line)
		p.fieldsInto(child, '}')
		return child
	case r == '[':
		p.next()
		return p.list(line)
	case p.hasPrefix("${"):
		return p.substitution(line)
	}
	word := p.unquoted(false)
	if word == "" {
		p.fail("'" + string(p.at(0)) + "' is not allowed in an unquoted value; quote the value")
	}
	return &node{kind: scalar, text: word, line: line}
}

func (p *parser) list(line int) *node {
	list := &node{kind: array, line: line}
	p.space()
	for p.at(0) != ']' {
		if p.done() {
			p.fail("expecting ']' before the end of the file")
		}
		list.items = append(list.items, p.value())
		p.separator(']')
	}
	p.next()
	return list
}

func (p *parser) substitution(line int) *node {
	p.pos += 2
	found := &node{kind: substitution, line: line}
	if p.at(0) == '?' {
		p.next()
		found.optional = true
	}
	start := p.pos
	for p.at(0) != '}' {
		if p.done() || p.at(0) == '\n' {
			p.fail("a substitution ${ is not closed")
		}
		if p.at(0) == '"' {
			p.quoted()
			continue
		}
		p.next()
	}
	found.text = string(p.text[start:p.pos])
	inner := &parser{scanner{file: p.file, text: p.text[start:p.pos], line: p.line}}
	found.path = inner.keyPath()
	p.next()
	return found
}
