"""What `engine --help` and `engine simulate --help` show; the command itself takes long to load."""

SIMULATE_HELP = """
Run the whole engine in virtual time against its simulated exchange, with everything watched.

A seed decides all: the market, the network, what goes wrong and when, the order in which tasks
run. The same seed and code repeat the same run to the last byte. Engines are killed, crashed,
cut off and lied to; checkers that know both truths look on at every step. No network, no file
and no key is used, whatever the configuration names.
"""

SIMULATE_EXAMPLES = """
Examples:

```
engine simulate --seed 7
engine simulate --seed 7 --hours 24 --faults none --config config/live.toml
engine simulate --seeds 1..200 --hours 1 --faults swarm --jobs 2
engine simulate --seed 7 --until 48210 --trace trace.jsonl
engine simulate --seed 7 --faults plan.toml --json
```

Exit codes: 0 nothing was violated; 1 something was, which is named, with the command that repeats
it; 2 the command line is not understood; 66 a plan cannot be read; 78 the configuration is wrong.
"""
