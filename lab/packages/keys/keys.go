// Package keys carries the names of the configuration keys that jicofo, the videobridge and Jibri read, so that
// the stand-ins can refuse every other key. The real daemons ignore unknown keys without a word.
//
// The JSON files beside this file are the data; tests in other languages read them directly.
package keys

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed jicofo.json
var jicofoJSON []byte

//go:embed videobridge.json
var videobridgeJSON []byte

//go:embed jibri.json
var jibriJSON []byte

// List is one daemon's known keys: dotted leaf paths, in which "*" stands for any one segment and a trailing
// "[]" of a segment for each element of a list of objects.
type List struct {
	Source string   `json:"source"`
	Keys   []string `json:"keys"`
}

// Jicofo returns the keys that jicofo reads.
func Jicofo() List { return parse(jicofoJSON) }

// Videobridge returns the keys that the videobridge and the libraries inside it read.
func Videobridge() List { return parse(videobridgeJSON) }

// Jibri returns the keys that Jibri reads.
func Jibri() List { return parse(jibriJSON) }

func parse(data []byte) List {
	var list List
	if err := json.Unmarshal(data, &list); err != nil {
		panic("known keys: " + err.Error()) // embedded at build time: cannot happen in a built program
	}
	return list
}

// Unknown returns the paths that no key of the list matches, in the given order. A path is a list of segments,
// because a segment may contain a dot. Segments below a "*" match without regard to case, as the real daemons
// read the connection blocks (HOSTNAME, hostname).
func (l List) Unknown(paths [][]string) [][]string {
	patterns := make([][]string, len(l.Keys))
	for i, key := range l.Keys {
		patterns[i] = strings.Split(key, ".")
	}
	var unknown [][]string
	for _, path := range paths {
		if !matchesAny(patterns, path) {
			unknown = append(unknown, path)
		}
	}
	return unknown
}

func matchesAny(patterns [][]string, path []string) bool {
	for _, pattern := range patterns {
		if matches(pattern, path) {
			return true
		}
	}
	return false
}

func matches(pattern, path []string) bool {
	if len(pattern) != len(path) {
		return false
	}
	belowWildcard := false
	for i, want := range pattern {
		switch {
		case want == "*":
			belowWildcard = true
		case want == path[i], belowWildcard && strings.EqualFold(want, path[i]):
		default:
			return false
		}
	}
	return true
}
