# The commands of the house. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*## .*/\1/p' Makefile)

# Not the tsx program: it would stand between Ctrl-C and what runs.
TSX := node --import tsx

help: ## list the commands
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

setup: ## put on this machine what is missing (idempotent)
	@bash pbx-config/setup.sh

demo: setup ## import 300 invented debtors and run a whole campaign, at most two minutes
	@$(TSX) load-tests/demo.ts

up: setup ## start the system with all its parts and keep it running
	@$(TSX) dialer/service.ts up

down: ## stop what `make up` started
	@$(TSX) dialer/service.ts down

test: setup ## every test, on real PostgreSQL, Redis and Asterisk
	@$(TSX) test/run.ts

lint: node_modules ## Biome: format and lint
	@node_modules/.bin/biome check .

typecheck: node_modules ## the TypeScript compiler, strict
	@node_modules/.bin/tsc

bench-calls: setup ## answer -> bridged and the engine's CPU beside a bare ARI loop
	@$(TSX) load-tests/bench-calls.ts

load-test: setup ## a campaign against a system that runs (`make up`), with a carrier and agents of ours; ARGS="--help"
	@$(TSX) load-tests/load-test.ts $(ARGS)

bench-load: setup ## the highest rate of the full job beside a bare ARI loop, talks with audio, memory; about 30 minutes
	@$(TSX) load-tests/load/bench-load.ts

faults: setup ## a call centre hit by one fault after another, the carrier's log as judge; over an hour; ARGS="--only=engine-killed --times=3"
	@$(TSX) load-tests/faults/faults.ts $(ARGS)

soak: setup ## an hour at half of what bench-load found: does anything grow?
	@$(TSX) load-tests/load/soak.ts

fuzz: setup ## 100,000 spoilt SIP messages, a flood, spoilt ARI events, while a campaign dials
	@$(TSX) load-tests/fuzz/fuzz.ts

bench-leads: setup ## claims from 10,000 and from 10 million leads, 20 workers, a million lines, balance updates; 15 minutes
	@$(TSX) dialer/leads/bench-leads.ts

bench-amd-load: setup ## 300 live streams in the detector; how much later the agent is on the line
	@$(TSX) load-tests/bench-amd-load.ts

bench-amd-live: setup ## 300 items of the corpus (`make corpus`) played through the real switch: the same verdicts as on the files?
	@$(TSX) load-tests/bench-amd-live.ts

bench-pacing: setup ## the pacer against simulated call centres
	@$(TSX) dialer/pacing/simulator/bench-pacing.ts

bench-pacing-live: setup ## the pacer on the real switch beside its simulation, 12 minutes
	@$(TSX) load-tests/bench-pacing-live.ts

bench-messages: setup ## voice messages as the far end hears them: after the beep, after the verdict
	@$(TSX) load-tests/bench-messages.ts

corpus: setup ## fetch and compose the speech for training and judging the detector (var/corpus, 10 minutes)
	@nice -n 15 $(TSX) load-tests/amd/corpus.ts

train-amd: setup ## train the detector's model on the corpus: dialer/amd/weights.json
	@nice -n 15 $(TSX) load-tests/amd/train.ts

bench-amd: setup ## the detector on voices it never heard, beside Asterisk's own
	@$(TSX) load-tests/amd/bench-amd.ts

simulate: setup ## one simulated day of pacing
	@$(TSX) dialer/pacing/simulator/simulate.ts

node_modules:
	@$(MAKE) --no-print-directory setup
