# The stages of `make test`: each is a target, run by tests/runner/stage.sh. tests/run.sh prepares the machine, then makes `beside`
# (several at a time) and `alone` (one by one). STAGES: names and groups, separated by commas or spaces; none: all.
SHELL := /bin/bash
.DEFAULT_GOAL := names

LINT := eslint types prettier knip go-vet go-vet-bench go-vet-rehearse shellcheck mypy ruff ruff-format workflows gofmt
# The longest first, so that none of them is left over at the end.
TESTS := contract attacks components python-host unit aws-model conformance python-lab go-standin go-bench go-rehearse runner
ALL := $(TESTS) $(LINT) lab
.PHONY: names beside alone $(ALL)

comma := ,
asked := $(subst $(comma), ,$(STAGES))
unknown := $(filter-out lint tests $(ALL),$(asked))
ifneq ($(unknown),)
$(error STAGES: no stage or group is called $(unknown); there are: lint tests $(sort $(ALL)))
endif
chosen := $(if $(strip $(asked)),$(filter $(patsubst lint,$(LINT),$(patsubst tests,$(TESTS),$(asked))),$(ALL)),$(ALL))
# The lab's Python tests want quiet if they boot guests.
export ALONE := lab $(if $(filter 1,$(AUDIO_MEET_LAB_TESTS)),python-lab)

names:
	@echo $(chosen)
beside: $(filter-out $(ALONE),$(chosen))
	@:
alone: $(filter $(ALONE),$(chosen))
	@:

BIN := node_modules/.bin
stage = @tests/runner/stage.sh
check = $(stage) check $@
# $(call needs,PATH,TOOL,COMMAND): the check, or its skip by name where the tool could not be fetched.
needs = $(stage) $(if $(1),check $@ $(3),skip $@ $(2) could not be fetched)
# All files that git tracks or would track: a new file is checked before its first commit. The clone may belong to somebody
# else than root, who runs the lab: git refuses that unless told.
files = git -c safe.directory='*' ls-files --cached --others --exclude-standard
# By their ending or, without one, by their first line.
shell_scripts = $(wildcard $(shell $(files) '*.sh'; $(files) | grep -v '\.[^/]*$$' | xargs awk '/^\043!.*[\/ ](ba)?sh( |$$)/ { print FILENAME } { nextfile }'))
go_files = $(wildcard $(shell $(files) '*.go'))

types:
	$(check) $(BIN)/tsc --noEmit
eslint:
	$(check) $(BIN)/eslint . --max-warnings 0
prettier:
	$(check) $(BIN)/prettier --check --log-level warn .
knip:
	$(check) $(BIN)/knip --no-progress
shellcheck:
	$(check) shellcheck --external-sources $(shell_scripts)
# What they check and how: ruff.toml, mypy.ini.
ruff:
	$(call needs,$(PYTHON_TOOLS),ruff,$(PYTHON_TOOLS)/ruff check --quiet)
ruff-format:
	$(call needs,$(PYTHON_TOOLS),ruff,$(PYTHON_TOOLS)/ruff format --check)
mypy:
	$(call needs,$(PYTHON_TOOLS),mypy,$(PYTHON_TOOLS)/mypy --no-error-summary)
workflows:
	$(call needs,$(ACTIONLINT),actionlint,$(ACTIONLINT) -no-color)
# gofmt succeeds whatever it finds: what it prints is the finding.
gofmt:
	$(check) bash -c 'found=$$(gofmt -l -d "$$@"); printf "%s" "$$found"; test -z "$$found"' gofmt $(go_files)
go-vet:
	$(check) go -C lab/packages/standin vet ./...
go-vet-bench:
	$(check) go -C bench/generator vet ./...
go-vet-rehearse:
	$(check) go -C rehearse vet ./...

# Without --ci a missing snapshot would be written and pass. The slash keeps `unit` from matching a file of that name elsewhere.
unit components conformance:
	$(stage) tests $@ 10 env JEST_JUNIT_OUTPUT_FILE=$(REPORTS)/$@.xml $(BIN)/jest --ci --testPathPatterns tests/$@/
# Real daemons with real deadlines, beside the other stages.
contract attacks:
	$(stage) tests $@ 10 tests/runner/daemons.sh $@ jest.config.js

# $(call pytest,PYTHON,FOLDER): what it tests is imported from the folder above it. A file that cannot be imported is a failed
# test and keeps no other from running.
pytest = $(stage) tests $@ 10 $(1) -B -m pytest -p no:cacheprovider --continue-on-collection-errors -o pythonpath=$(CURDIR)/$(dir $(2)) --quiet --junitxml=$(REPORTS)/$@.xml $(2)
python-host:
	$(call pytest,$(PYTHON_TOOLS)/python,host/tests)
python-lab:
	$(call pytest,$(PYTHON_TOOLS)/python,lab/hosts/tests)
runner:
	$(call pytest,$(PYTHON_TOOLS)/python,tests/runner)
# What the program registers, held against Amazon's own model.
aws-model:
	$(if $(MOTO_PYTHON),$(call pytest,$(MOTO_PYTHON),tests/awsModel/cases),$(stage) skip $@ moto could not be fetched)

go_test = $(if $(GOTESTSUM),$(stage) tests $@ 10 env -C $(1) $(GOTESTSUM) --junitfile $(REPORTS)/$@.xml ./...,$(stage) fail $@ gotestsum could not be fetched)
go-standin:
	$(call go_test,lab/packages/standin)
go-bench:
	$(call go_test,bench/generator)
go-rehearse:
	$(call go_test,rehearse)

# Real engine, real hosts.
can_boot := $(and $(filter 0,$(shell id -u)),$(wildcard /usr/bin/systemd-nspawn))
lab:
	$(if $(PREPARE_FAILURE),$(stage) fail $@ $(PREPARE_FAILURE),$(if $(can_boot),$(stage) tests $@ 120 tests/runner/daemons.sh lab jest.lab.config.js,$(stage) skip $@ needs root and systemd-nspawn))
