package Stampede;

# Readers who all ask for the same cold page at once, of an origin that takes
# its time and listens on slow.sock:
#
#     my ($asked, $slowest, @bodies) = stampede($path, $page, @servers);
#
# so many of each server: how often the origin was asked, the slowest reader's
# seconds, what they all got.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

use Bench;
use Hits;

use constant {
    READERS => 32,                      # of a server
    DELAY   => 0.2,                     # s: of the origin
};

our @EXPORT = qw(READERS DELAY stampede);


# One loop is origin and readers.

sub stampede {
    my ($path, $page, @names) = @_;

    my ($asked, $slowest, %reader, %question, @due, @answers) = (0, 0);
    my $answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                 . "Content-Length: @{[length $page]}\r\n"
                 . "Connection: close\r\n\r\n$page";

    unlink 'slow.sock';

    my $listen = IO::Socket::UNIX->new(Local => 'slow.sock', Listen => 128)
        or die "slow.sock: $!\n";

    chmod 0777, 'slow.sock';

    my $select = IO::Select->new($listen);
    my $start = time;

    for my $name ((@names) x READERS) {
        my $c = IO::Socket::UNIX->new("$name.sock") or die "$name: $!\n";

        syswrite $c, request($path, 'Connection: close');
        $select->add($c);
        $reader{$c} = '';
    }

    while (%reader) {
        my $wait = @due ? $due[0][0] - time : TIMEOUT;
        my @ready = $select->can_read($wait > 0 ? $wait : 0);

        die "@names: no answer for @{[TIMEOUT]} s\n" if !@ready && !@due;

        while (@due && $due[0][0] <= time) {
            my $c = (shift @due)->[1];

            $c->blocking(1);
            print $c $answer;
            close $c;
        }

        for my $c (@ready) {

            if ($c == $listen) {
                my $new = $listen->accept;

                $select->add($new);
                $question{$new} = '';
                next;
            }

            my $to = exists $reader{$c} ? \$reader{$c} : \$question{$c};
            my $n = sysread $c, $$to, 1 << 16, length $$to;

            if (exists $reader{$c}) {
                next if $n;

                $slowest = time - $start;
                push @answers, delete $reader{$c};
                $select->remove($c);

            } elsif (!$n || $$to =~ /\r\n\r\n/) {
                $select->remove($c);
                delete $question{$c};

                if ($n) {
                    $asked++;
                    push @due, [ time + DELAY, $c ];
                }
            }
        }
    }

    unlink 'slow.sock';

    return ($asked, $slowest, map { parse("@names", $_)->{body} } @answers);
}


1;
