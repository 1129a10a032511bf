# make run | demo | test — each does its own set-up on a Debian 12 that has the .NET SDK, git, make and root (or sudo).
SHELL := /bin/bash
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

DATA ?= data
URL ?= http://127.0.0.1:5080
NCCTL := dotnet src/NcService.Cli/bin/Release/net10.0/ncctl.dll

.PHONY: help run demo test soak figures lint bench setup setup-test build clean

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup build  ## Start the service with its dashboard on $(URL), data under $(DATA)/
	dotnet run --project src/NcService.Web -c Release --no-build --no-launch-profile -- --urls $(URL) --NcService:DataDirectory=$(abspath $(DATA))

demo: setup build  ## Train and analyse a small study, then test it; a few minutes on two cores
	$(NCCTL) study run --preset demo --data $(abspath $(DATA))

test: setup-test build  ## Every test of every project
	scripts/test

soak: setup-test build  ## Kill, stop, fill and suspend what serves, 32 times, and see that nothing is lost; a quarter of an hour
	NCSERVICE_SOAK=1 dotnet test tests/NcService.EndToEnd.Tests -c Release --no-build --nologo --filter FullyQualifiedName~EndToEnd.Tests.Faults --logger 'console;verbosity=detailed'

figures: setup-test build  ## Measure the API over ten thousand runs and the queue's jobs a second
	NCSERVICE_FIGURES=1 dotnet test tests/NcService.EndToEnd.Tests -c Release --no-build --nologo --filter FullyQualifiedName~ServiceFigures --logger 'console;verbosity=detailed'

lint: setup build  ## Formatting and style, as the build does not check them
	dotnet format NcService.sln --verify-no-changes --no-restore

bench: setup build  ## Measure against the named peers
	dotnet run --project tests/NcService.Benchmarks -c Release --no-build

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

build:
	dotnet build NcService.sln -c Release -v quiet -clp:NoSummary

clean:  ## Remove what was built; data and fetched files stay
	rm -rf native/build
	find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
