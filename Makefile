.DEFAULT_GOAL := help
.PHONY: help up preview record down test bench bench-all check clean-cache

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

up: ## a core, two bridges and a recorder as lab hosts on this machine (root); again: nothing changes
	@lab/up.sh

preview: ## what `make up` would change, file by file
	@lab/preview.sh

record: ## a recording on them, ordered as the page does it, measured in the bucket; needs `make up`
	@lab/record.sh

down: ## destroys them all; nothing is left
	@lab/down.sh

test: ## everything that CI runs (root for the lab; under an hour on two cores; STAGES=lint,unit: a part)
	@tests/run.sh

bench: ## joins of 100 to 500 people, previews of 1 to 50 bridges, one report (root; under 30 minutes, a quiet machine)
	@bench/bench.sh

bench-all: ## the whole matrix of it, up to 1,000 people (root; about four hours)
	@bench/bench.sh all

check: ## the config of STACK (default: dev): all mistakes at once
	@npm run --silent check -- --stack-file Pulumi.$(or $(STACK),dev).yaml

clean-cache: ## removes images, engine and packages that `make up` keeps
	rm -rf "$${AUDIO_MEET_CACHE:-$$HOME/.cache/audio-meet}"
