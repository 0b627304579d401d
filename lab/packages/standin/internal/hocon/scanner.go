package hocon

import (
	"strconv"
	"strings"
	"unicode"
)

// forbidden are the characters that an unquoted string cannot contain. Source: HOCON specification.
const forbidden = "$\"{}[]:=,+#`^?!@*&\\"

type scanner struct {
	file string
	text []rune
	pos  int
	line int
}

func (s *scanner) fail(problem string) {
	panic(&SyntaxError{File: s.file, Line: s.line, Problem: problem})
}

func (s *scanner) at(offset int) rune {
	if s.pos+offset >= len(s.text) {
		return 0
	}
	return s.text[s.pos+offset]
}

func (s *scanner) done() bool { return s.pos >= len(s.text) }

func (s *scanner) hasPrefix(prefix string) bool {
	for i, r := range []rune(prefix) {
		if s.at(i) != r {
			return false
		}
	}
	return true
}

func (s *scanner) next() rune {
	r := s.at(0)
	s.pos++
	if r == '\n' {
		s.line++
	}
	return r
}

func isBlank(r rune) bool { return r != '\n' && (unicode.IsSpace(r) || r == '\uFEFF') }

func (s *scanner) comment() bool { return s.at(0) == '#' || s.hasPrefix("//") }

// blanks skips whitespace within a line and comments up to the line's end; it tells whether it skipped any.
func (s *scanner) blanks() bool {
	start := s.pos
	for isBlank(s.at(0)) {
		s.next()
	}
	if s.comment() {
		for !s.done() && s.at(0) != '\n' {
			s.next()
		}
	}
	return s.pos > start
}

// space skips whitespace, comments and line ends; it tells whether a line end was among them.
func (s *scanner) space() bool {
	newline := false
	for {
		s.blanks()
		if s.at(0) != '\n' {
			return newline
		}
		newline = true
		s.next()
	}
}

// unquoted reads an unquoted string; dots end it if it is part of a key.
func (s *scanner) unquoted(inKey bool) string {
	var out strings.Builder
	for !s.done() {
		r := s.at(0)
		if unicode.IsSpace(r) || strings.ContainsRune(forbidden, r) || s.comment() || (inKey && r == '.') {
			break
		}
		out.WriteRune(s.next())
	}
	return out.String()
}

// quoted reads a string in double quotes, or in three of them.
func (s *scanner) quoted() string {
	if s.hasPrefix(`"""`) {
		return s.tripleQuoted()
	}
	start := s.pos
	s.next()
	for s.at(0) != '"' {
		if s.done() || s.at(0) == '\n' {
			s.fail("a quoted string has no closing quote on its line")
		}
		if s.at(0) == '\\' {
			s.next()
		}
		s.next()
	}
	s.next()
	value, err := strconv.Unquote(strings.ReplaceAll(string(s.text[start:s.pos]), `\/`, "/"))
	if err != nil {
		s.fail("a quoted string contains an invalid escape")
	}
	return value
}

func (s *scanner) tripleQuoted() string {
	s.pos += 3
	var out strings.Builder
	for !s.hasPrefix(`"""`) || s.at(3) == '"' {
		if s.done() {
			s.fail(`a string in """ is not closed`)
		}
		out.WriteRune(s.next())
	}
	s.pos += 3
	return out.String()
}
