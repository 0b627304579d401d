package hocon

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// typed reads the scalar at path with convert; a value that does not fit ends in a panic of *SyntaxError,
// which Check turns into an error.
func typed[T any](c *Config, path string, fallback T, expected string, convert func(string) (T, error)) T {
	n := c.at(path)
	if n == nil {
		return fallback
	}
	value, err := convert(n.text)
	if err != nil || n.kind != scalar {
		problem := fmt.Sprintf("%s has the value %q, expected %s", path, n.text, expected)
		panic(&SyntaxError{File: c.file, Line: n.line, Problem: problem})
	}
	return value
}

// Int returns the whole number at path.
func (c *Config) Int(path string, fallback int) int {
	return typed(c, path, fallback, "a whole number", strconv.Atoi)
}

// Float returns the number at path.
func (c *Config) Float(path string, fallback float64) float64 {
	return typed(c, path, fallback, "a number", func(text string) (float64, error) {
		return strconv.ParseFloat(text, 64)
	})
}

// Bool returns the truth value at path: true, yes, on, false, no, off.
func (c *Config) Bool(path string, fallback bool) bool {
	return typed(c, path, fallback, "true or false", func(text string) (bool, error) {
		switch text {
		case "true", "yes", "on":
			return true, nil
		case "false", "no", "off":
			return false, nil
		}
		return false, fmt.Errorf("not a truth value")
	})
}

// Duration returns the time span at path: a number of milliseconds, or a number with a unit.
func (c *Config) Duration(path string, fallback time.Duration) time.Duration {
	return typed(c, path, fallback, "a duration such as 5 seconds", parseDuration)
}

var units = map[string]time.Duration{
	"": time.Millisecond, "ms": time.Millisecond, "milli": time.Millisecond, "millis": time.Millisecond,
	"millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	"us": time.Microsecond, "micros": time.Microsecond, "microseconds": time.Microsecond,
	"ns": time.Nanosecond, "nanos": time.Nanosecond, "nanoseconds": time.Nanosecond,
}

func parseDuration(text string) (time.Duration, error) {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz ")
	unit, known := units[strings.TrimSpace(text[len(number):])]
	amount, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !known {
		return 0, fmt.Errorf("not a duration")
	}
	return time.Duration(amount * float64(unit)), nil
}

// Check runs read, which uses the typed getters, and returns the first value that did not fit.
func Check(read func()) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			syntax, ok := caught.(*SyntaxError)
			if !ok {
				panic(caught)
			}
			err = syntax
		}
	}()
	read()
	return nil
}
