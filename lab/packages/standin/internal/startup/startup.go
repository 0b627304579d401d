// Package startup is what every stand-in does before anything else: say what they are, read JAVA_SYS_PROPS, read
// the configuration file and refuse what the real daemon would not understand.
package startup

import (
	"crypto/x509"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"audio-meet/lab/packages/keys"
	"audio-meet/lab/packages/standin/internal/hocon"
	"audio-meet/lab/packages/standin/internal/truststore"
)

// Revision is the part of every version that names a stand-in.
const Revision = "standin1"

// exitAfterSignal is how a Java program ends on SIGTERM: 128 + 15.
const exitAfterSignal = 143

// SystemProperties reads -Dname=value words, separated by spaces, as the start scripts hand them to Java.
func SystemProperties(text string) map[string]string {
	properties := map[string]string{}
	for _, word := range strings.Fields(text) {
		if name, value, ok := strings.Cut(strings.TrimPrefix(word, "-D"), "="); ok && strings.HasPrefix(word, "-D") {
			properties[name] = value
		}
	}
	return properties
}

// Environment is what a stand-in was started with.
type Environment struct {
	Log    *Log
	Config *hocon.Config
	Trust  func() (*x509.CertPool, error) // reads the trust store
}

// Begin reads everything a stand-in needs; on any error it logs one line and ends the process with code 1.
func Begin(program, version string, known keys.List) *Environment {
	log := &Log{Program: program}
	log.Info("%s stand-in %s starting: simulated endpoints, no media; not Jitsi's own program", program, version)
	return begin(log, "", known)
}

// BeginAbove is Begin for a daemon whose file may refer to values of its built-in configuration: reference is that, as HOCON.
func BeginAbove(reference, program, version, differs string, known keys.List) *Environment {
	log := &Log{Program: program}
	log.Info("%s stand-in %s starting: %s; not Jitsi's own program", program, version, differs)
	return begin(log, reference, known)
}

func begin(log *Log, reference string, known keys.List) *Environment {
	environment, err := prepare(log, reference, SystemProperties(os.Getenv("JAVA_SYS_PROPS")), known)
	if err != nil {
		log.Error("%v", err)
		os.Exit(1)
	}
	return environment
}

func prepare(log *Log, reference string, properties map[string]string, known keys.List) (*Environment, error) {
	file := properties["config.file"]
	if file == "" {
		return nil, fmt.Errorf("JAVA_SYS_PROPS has no -Dconfig.file: name the configuration file in it")
	}
	config, own, err := hocon.LoadAbove(reference, file)
	if err != nil {
		return nil, err
	}
	log.Info("JitsiConfig: Initialized newConfig: merge of %s: 1,system properties,reference.conf", file)
	if err := CheckKeys(own, file, known); err != nil {
		return nil, err
	}
	store := properties["javax.net.ssl.trustStore"]
	if store == "" {
		log.Warn("JAVA_SYS_PROPS names no -Djavax.net.ssl.trustStore: this stand-in trusts no certificate then")
	}
	// Read at each connection, as Java does: a store that cannot be read fails every login, not the start.
	trust := func() (*x509.CertPool, error) {
		return truststore.Load(store, properties["javax.net.ssl.trustStorePassword"])
	}
	return &Environment{Log: log, Config: config, Trust: trust}, nil
}

// CheckKeys returns an error that names every key which the real daemon does not read.
func CheckKeys(config *hocon.Config, file string, known keys.List) error {
	var names []string
	for _, path := range known.Unknown(config.LeafPaths()) {
		names = append(names, strings.Join(path, "."))
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%s: unknown configuration key %s: the real daemon would ignore it silently; correct or remove it",
		file, strings.Join(names, ", "))
}

// AwaitSignal ends the process as Java does when it is told to stop, after the daemon's own last acts.
func (e *Environment) AwaitSignal(last ...func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	e.Log.Info("Stopping on signal %v", <-signals)
	for _, act := range last {
		act()
	}
	os.Exit(exitAfterSignal)
}
