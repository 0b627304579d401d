package hocon

import (
	"fmt"
	"os"
	"strings"
)

// Config is a file with all substitutions done.
type Config struct {
	root *node
	file string
}

// Load reads and resolves a file. Errors: the file cannot be read, *SyntaxError, *UnresolvedError.
func Load(file string) (*Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, string(text))
}

// LoadAbove reads a file that lies above a daemon's built-in configuration and may refer to its values. The first result holds
// both, the second what the file itself says. Errors as of Load.
func LoadAbove(reference, file string) (merged, own *Config, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	below, err := parse("reference.conf", reference)
	if err != nil {
		return nil, nil, err
	}
	root, err := parse(file, string(text))
	if err != nil {
		return nil, nil, err
	}
	paths := &Config{root: root, file: file}
	for _, key := range root.keys {
		below.set([]string{key}, copyOf(root.fields[key]))
	}
	merged, err = resolved(file, below)
	return merged, paths, err
}

// copyOf copies objects, which merging changes; everything else stays as it was read.
func copyOf(n *node) *node {
	if n.kind != object {
		return n
	}
	copied := newObject(n.line)
	copied.prior = n.prior
	for _, key := range n.keys {
		copied.keys = append(copied.keys, key)
		copied.fields[key] = copyOf(n.fields[key])
	}
	return copied
}

// Parse is Load for text; the file name is for error messages only.
func Parse(file, text string) (*Config, error) {
	root, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	return resolved(file, root)
}

func resolved(file string, root *node) (*Config, error) {
	resolver := &resolver{file: file, root: root, pending: map[*node]bool{}}
	tree, err := resolver.resolve(root)
	if err != nil {
		return nil, err
	}
	return &Config{root: tree, file: file}, nil
}

// LeafPaths lists every path that holds a value, in file order: segments of keys; a list of objects adds "[]"
// to its segment and goes on below it. Empty objects have no path.
func (c *Config) LeafPaths() [][]string { return leaves(c.root, nil) }

func leaves(n *node, above []string) [][]string {
	if n.kind == array && len(n.items) > 0 && n.items[0].kind == object {
		elements := append(append([]string{}, above[:len(above)-1]...), above[len(above)-1]+"[]")
		var found [][]string
		for _, item := range n.items {
			found = append(found, leaves(item, elements)...)
		}
		return found
	}
	if n.kind != object {
		return [][]string{above}
	}
	var found [][]string
	for _, key := range n.keys {
		found = append(found, leaves(n.fields[key], append(append([]string{}, above...), key))...)
	}
	return found
}

func (c *Config) at(path string) *node { return c.root.find(strings.Split(path, ".")) }

// Has tells whether the path holds a value.
func (c *Config) Has(path string) bool { return c.at(path) != nil }

// Names lists the field names of the object at path, in file order.
func (c *Config) Names(path string) []string {
	if n := c.at(path); n != nil {
		return n.keys
	}
	return nil
}

// Fields returns the scalar fields of the object at path/name as upper-case name → text.
func (c *Config) Fields(path, name string) map[string]string {
	fields := map[string]string{}
	if n := c.at(path); n != nil && n.fields[name] != nil {
		for key, value := range n.fields[name].fields {
			fields[strings.ToUpper(key)] = value.text
		}
	}
	return fields
}

// Objects returns the scalar fields of each object in the list at path.
func (c *Config) Objects(path string) []map[string]string {
	var found []map[string]string
	if n := c.at(path); n != nil && n.kind == array {
		for _, item := range n.items {
			fields := map[string]string{}
			for key, value := range item.fields {
				fields[key] = value.text
			}
			found = append(found, fields)
		}
	}
	return found
}

// List returns each object in the list at path as a configuration of its own.
func (c *Config) List(path string) []*Config {
	var found []*Config
	if n := c.at(path); n != nil && n.kind == array {
		for _, item := range n.items {
			if item.kind == object {
				found = append(found, &Config{root: item, file: c.file})
			}
		}
	}
	return found
}

// String returns the text at path, or the fallback if there is none.
func (c *Config) String(path, fallback string) string {
	if n := c.at(path); n != nil && n.kind == scalar && (n.quoted || n.text != "null") {
		return n.text
	}
	return fallback
}

// Strings returns the texts of the list at path, or the fallback.
func (c *Config) Strings(path string, fallback []string) []string {
	n := c.at(path)
	if n == nil || n.kind != array {
		return fallback
	}
	texts := make([]string, 0, len(n.items))
	for _, item := range n.items {
		texts = append(texts, item.text)
	}
	return texts
}

// Raw returns the text at path of a file as it is written there: a substitution stays ${VAR}, a list or object is
// returned as "[...]" or "{...}". Errors: the file cannot be read or parsed, or holds nothing at path.
func Raw(file, path string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	root, err := parse(file, string(text))
	if err != nil {
		return "", err
	}
	n := root.find(strings.Split(path, "."))
	if n == nil {
		return "", fmt.Errorf("%s: nothing at %s", file, path)
	}
	switch n.kind {
	case object:
		return "{...}", nil
	case array:
		return "[...]", nil
	case substitution:
		return "${" + n.text + "}", nil
	}
	return n.text, nil
}
