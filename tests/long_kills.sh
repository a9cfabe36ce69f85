#!/usr/bin/env bash
# tests/kills.sh with five times the kills, at other instants.
KILLS=${KILLS:-100} SEED=${SEED:-20261127} exec bash tests/kills.sh
