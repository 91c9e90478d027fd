#!/bin/sh
# A runner that starts and never says anything; for a test.
exec sleep 100
