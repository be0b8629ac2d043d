# The window and a paper run in containers, with their figures. `make up` is all that is needed; everything listens on this machine alone.
COMPOSE ?= docker compose
.PHONY: keys up collectors migrate seed smoke logs down

# Keys of this machine: .env for the containers, packaging/keys/read for the scraper. What is there stays.
keys: .env
.env:
	@umask 077; mkdir -p packaging/keys; \
	write=$$(head -c 24 /dev/urandom | base64 | tr '+/' '-_'); read=$$(head -c 24 /dev/urandom | base64 | tr '+/' '-_'); \
	printf 'POLARIS_API_KEY=%s\nPOLARIS_READ_KEYS=%s\n' "$$write" "$$read" > .env; \
	printf '%s' "$$read" > packaging/keys/read; chmod 644 packaging/keys/read
	@echo "keys are in .env: the window asks for one of them"

up: keys
	$(COMPOSE) up --build --detach
	@echo "window http://localhost:8080  figures http://localhost:3000  scraper http://localhost:9090"

# The slow collectors beside them; their settings stand in .env (docs/harvest.md).
collectors: keys
	$(COMPOSE) --profile collectors up --build --detach collectors

# The tables of all runs, in one database beside them; a table of an older version is folded anew.
migrate: keys
	$(COMPOSE) run --rm window migrate --runs-dir /runs

# A sealed run to look at: the demo, with its proof.
seed: keys
	$(COMPOSE) run --rm window demo --runs-dir /runs

# The server's own tests, on this machine, without containers.
smoke:
	npm test -- api/ serve window packaging

logs:
	$(COMPOSE) logs --follow --tail=200

down:
	$(COMPOSE) down
