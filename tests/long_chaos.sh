#!/usr/bin/env bash
# tests/chaos.sh with a thousand events, at other instants.
EVENTS=${EVENTS:-1000} SEED=${SEED:-20261127} exec bash tests/chaos.sh
