#!/usr/bin/perl

# A CMS behind FastCGI: its request, its headers, its streaming.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

# types of records
use constant { DONE => 3, PARAMS => 4, IN => 5, OUT => 6 };

my $t = Test::Editorial->new;
my $page = article();
my $large = article(n => 400);

my %bodies = ('/page' => $page, '/large' => $large, '/gzip' => gzip($large),
              '/tiny' => $page, '/data' => 'text');

my $port = $t->serve(\&respond);

$t->run(<<"END");
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    fastcgi_param REQUEST_URI \$request_uri;
    fastcgi_param SCRIPT_FILENAME \$document_root\$uri;
    fastcgi_buffers 4 4k;
    fastcgi_buffer_size 4k;

    location / {
        try_files /nothing \@cms;
    }

    location \@cms {
        fastcgi_pass 127.0.0.1:$port;
    }

    location /unbuffered/ {
        fastcgi_buffering off;
        rewrite ^/unbuffered(.*)\$ \$1 break;
        fastcgi_param REQUEST_URI \$uri;
        fastcgi_pass 127.0.0.1:$port;
    }
}
END

my @asked = ('Range: bytes=0-3', 'If-None-Match: "x"', 'X-Other: 1',
             'Accept-Encoding: gzip, br');

for my $path ('/page', '/large', '/gzip', '/tiny') {
    for my $way ('', '/unbuffered') {
        my $r = $t->get("$way$path", @asked);
        my $body = $path =~ /large|gzip/ ? $large : $page;

        is($r->{status}, 200, "$way$path: whole");
        same(stripped($r->{body}), $body, '... every byte');
        is(furnished($r->{body}), 'read_more/box disclaimer/standard',
           '... furnished');
        ok($r->{whole}, '... complete');
        is($r->{headers}{'x-saw'},
           'HTTP_ACCEPT_ENCODING=gzip HTTP_X_OTHER=1',
           '... and this is what the CMS saw');
    }
}

my $r = $t->get('/page');
is($t->get('/page', "If-None-Match: $r->{headers}{etag}")->{status}, 304,
   'not modified');

$r = $t->get('/data', 'Range: bytes=0-1');
is($r->{status}, 206, 'a range of what is no page');
is($r->{body}, 'te', '... of it');

$t->done;


# FastCGI's end of a connection: one request, one response.

sub respond {
    my ($c) = @_;

    my ($params, $type, $body) = ('');

    do {
        my $head = take($c, 8);
        my ($length, $padding);

        (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $head;
        $body = take($c, $length);
        take($c, $padding);
        $params .= $body if $type == PARAMS;

    } until $type == IN && $body eq '';

    my %params = params($params);
    my $path = $params{REQUEST_URI};

    my $saw = join ' ', map { "$_=$params{$_}" } grep {
        /^HTTP_(RANGE|IF_|ACCEPT_ENC|X_)/ } sort keys %params;

    my $out = "Content-Type: text/html\r\nETag: \"v1\"\r\nX-Saw: $saw\r\n"
              . ($path eq '/gzip' ? "Content-Encoding: gzip\r\n" : '')
              . ($path eq '/data' ? "Content-Length: 4\r\n" : '')
              . "\r\n$bodies{$path}";

    $out =~ s{text/html}{text/plain} if $path eq '/data';

    my $size = $path eq '/tiny' ? 3 : 5000;

    Test::Editorial::put($c, join '', map({ record(OUT, $_) }
                                          unpack("(a$size)*", $out), ''),
                                      record(DONE, "\0" x 8));
}


sub take {
    my ($c, $length) = @_;

    my $bytes = '';

    while (length $bytes < $length) {
        sysread $c, $bytes, $length - length $bytes, length $bytes
            or POSIX::_exit(0);
    }

    return $bytes;
}


sub record {
    my ($type, $content) = @_;

    return pack('CCnnCC', 1, $type, 1, length $content, 0, 0) . $content;
}


sub params {
    my ($bytes) = @_;

    my @params;

    while (length $bytes) {
        my @lengths = map {
            my $n = unpack 'C', substr $bytes, 0, 1, '';

            $n < 128 ? $n : unpack('N', pack('C', $n & 127)
                                        . substr $bytes, 0, 3, '');
        } 1, 2;

        push @params, map { substr $bytes, 0, $_, '' } @lengths;
    }

    return @params;
}
