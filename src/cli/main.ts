process.stderr.write('discern: no command yet\n');
process.exitCode = 2;
