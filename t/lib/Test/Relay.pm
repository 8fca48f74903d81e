package Test::Relay;

# Another program's TAP as one subtest of this one:
#
#     relay('ed_text_test', "$build/unit/base/ed_text_test");
#
# Its comments become diagnostics where a test failed.  That its plan was kept
# and that it ended with 0 and without a sanitizer's report are tests too.

use strict;
use warnings;

use Test::More;

use parent 'Exporter';

our @EXPORT = qw(relay);


sub relay {
    my ($name, @command) = @_;

    subtest $name => sub {
        my $pid = open my $out, '-|';

        die "fork: $!" unless defined $pid;

        if (!$pid) {
            open STDERR, '>&', \*STDOUT or die "dup: $!";
            exec @command or die "$command[0]: $!\n";
        }

        my ($seen, $planned, $passed, @reports) = (0, -1, 1);

        while (my $line = <$out>) {
            chomp $line;

            if ($line =~ /^(not )?ok\b\s*\d*(?:\s*-)?\s*(.*)/) {
                $seen++;
                $passed = !$1;
                $2 =~ /^# SKIP\b|\s# SKIP\b/i ? pass("skipped: $2")
                                              : ok($passed, $2);

            } elsif ($line =~ /^1\.\.(\d+)(?:\s+# SKIP\s*(.*))?/i) {
                $planned = $1;
                plan(skip_all => $2), return if $1 == 0 && $seen == 0;

            } else {
                diag($line) unless $passed;
                push @reports, $line
                    if @reports || $line =~ /Sanitizer|runtime error:/;
            }
        }

        close $out;

        is($planned, $seen, 'all that was planned has run');
        is($?, 0, 'ended with 0');
        is(join("\n", @reports), '', 'no sanitizer report');
    };
}


1;
