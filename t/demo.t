#!/usr/bin/perl

# conf-examples/demo: its pages, again at once, and nothing left behind.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use Test::More;
use Test::Editorial ();

my $demo = "$FindBin::Bin/../conf-examples/demo";
my $taken = Test::Editorial::free_port();
my $port = $taken->{port};

$ENV{WORK} = File::Temp::tempdir('editorial-demo-XXXXXX', TMPDIR => 1,
                                 CLEANUP => 1);
$ENV{PORT} = $port;

END {
    my $status = $?;
    system $demo, '--stop' if -e "$ENV{WORK}/nginx.pid";
    $? = $status;
}

my $said = `$demo 2>&1`;
is($?, 0, 'it starts') or diag($said);

like($said, qr{http://localhost:$port/opinion/}, 'and says where');

my %page = map { $_ => get($_) }
    ($said =~ m{http://localhost:$port(/\S*)}g,
     '/furniture.css', '/plain/columns/bells.html',
     '/news/tarn-bridge-closed-again.html',
     '/plain/news/tarn-bridge-closed-again.html');

for my $path (sort keys %page) {
    like($page{$path}, qr{^HTTP/1\.1 200 }, $path);
    $page{$path} =~ s/\A.*?\r\n\r\n//s;
}

my $piece = $page{'/opinion/night-ferry.html'};
my $plain = $page{'/plain/opinion/night-ferry.html'};

is(join(' ', $piece =~ /data-editorial="([^"]*)"/g),
   'read_more/box pull_quote/quote pull_quote/quote read_more/box '
   . 'pull_quote/quote pull_quote/quote disclaimer/standard',
   'the opinion piece has its furniture');
like($piece, qr{<link rel="stylesheet" href="/furniture\.css"><aside },
     'and a stylesheet before it');
unlike($plain, qr/editorial-/, 'as the CMS serves it, it has none');

(my $stripped = $piece) =~
    s{<aside\ class="editorial[^>]*>(?:<blockquote>)?
     |(?:</blockquote>)?</aside>
     |</?mark[^>]*>
     |<div\ class="editorial[^>]*>
     |(?<=</p>)</div>(?=\n</div>)
     |<link\ rel="stylesheet"\ href="/furniture\.css">}{}gx;

is($stripped, $plain, 'they are the same but for that');
is($page{'/dry-run/opinion/night-ferry.html'}, $plain,
   'a dry run changes nothing');
like($page{'/columns/bells.html'},
     qr{</p><link[^>]*><footer class="editorial-disclaimer"[^>]*disclaimer/courier},
     'the column has a disclaimer behind the biography');
is($page{'/news/tarn-bridge-closed-again.html'},
   $page{'/plain/news/tarn-bridge-closed-again.html'},
   'a news story goes through as it is');

# every link of the pages leads somewhere

my %links = map { $_ => 1 } map { /(?:href|src|poster)="(\/[^"#]*)"/g }
                                values %page;

for my $path (sort keys %links) {
    like(get($path), qr{^HTTP/1\.1 200 }, "$path is there");
}

open my $log, '<', "$ENV{WORK}/access.log" or die "access.log: $!";
like(join('', <$log>),
     qr{200 /dry-run/opinion/night-ferry\.html furniture=7 skip=""},
     'the log tells what the dry run would have done');

open $log, '<', "$ENV{WORK}/error.log" or die "error.log: $!";
is(join('', grep { /\[(?:error|crit|alert|emerg)\]/ } <$log>), '',
   'no errors');

my $pid = pid();
$said = `$demo 2>&1`;
is($?, 0, 'it can be run again at once') or diag($said);
isnt(pid(), $pid, 'and starts afresh');
like(get('/'), qr{^HTTP/1\.1 200 }, 'on the same port');

$pid = pid();
like(`$demo --stop`, qr/Stopped/, 'it can be stopped');
ok(!kill(0, $pid), 'and is gone');
is(get('/'), '', 'nothing listens');
like(`$demo --stop`, qr/not running/, 'to stop it twice does no harm');

done_testing();


sub pid {
    open my $fh, '<', "$ENV{WORK}/nginx.pid" or return 0;
    return int <$fh>;
}


sub get {
    my ($path) = @_;

    my $c = IO::Socket::INET->new("127.0.0.1:$port") or return '';

    print $c "GET $path HTTP/1.0\r\nHost: localhost\r\n\r\n";

    local $/;
    return scalar <$c>;
}
