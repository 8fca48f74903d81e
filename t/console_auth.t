#!/usr/bin/perl

# The configurations of conf-examples with a console, as they stand there but
# for addresses: who may come in, and by which name he changes something.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Editorial;

my $page = article(n => 8);
my $feature = '/console/api/desks/default/read_more';


# by a password

my $t = example('console.conf', '10.0.0.0/8');

is($t->get('/page')->{status}, 200, 'a reader');
is($t->get($feature, basic('anna', 'secret'))->{status}, 403,
   'nobody comes in from elsewhere');
$t->done_with;

$t = example('console.conf', '127.0.0.1');

is($t->get($feature)->{status}, 401, 'nobody without a password');
is(change($t)->{status}, 401, '... to change something');
is($t->get($feature, basic('anna', 'wrong'))->{status}, 401,
   '... or with a wrong one');
is($t->get('/console/', basic('anna', 'secret'))->{status}, 200,
   'the page, with the right one');
is(change($t, basic('anna', 'secret'))->{status}, 200, 'a change');
is(changed_by($t, basic('bert', 'secret')), 'anna', '... by that user');
is($t->get('/page')->{status}, 200, 'a reader needs none');
$t->done_with;


# by another's word

$t = example('console-auth-request.conf', '127.0.0.1');

is($t->get($feature)->{status}, 401, 'nobody without a session');
is(change($t, 'X-User: anna')->{status}, 401, '... whatever he says');
is($t->get('/console/', 'Cookie: cms=anna')->{status}, 200,
   'the page, with a session');
is(change($t, 'Cookie: cms=anna', 'X-User: bert')->{status}, 200,
   'a change');
is(changed_by($t, 'Cookie: cms=bert'), 'anna', '... by the session\'s user');
is(change($t, 'Cookie: cms=nameless')->{status}, 403,
   'a session without a name changes nothing');
is($t->get($feature, 'Cookie: cms=nameless')->{status}, 200, '... it reads');
is($t->get('/who', 'Cookie: cms=anna')->{status}, 404,
   'nobody asks for himself');
like($t->last_request, qr{^GET /session }, 'it is asked');
unlike(join('', grep { /^\S+ \/session/ } $t->requests), qr/Content-Length/i,
       '... without the body');
$t->done_with;

done_testing();


# One of the examples, started; done_with() ends it.

sub example {
    my ($name, $from) = @_;

    my $t = Test::Editorial->new;
    my $dir = $t->dir;
    my $conf = slurp("$FindBin::Bin/../conf-examples/$name");

    $t->origin('/page' => { body => $page },
               '/session' => sub { session($t, @_) });

    my ($http) = $conf =~ /^http \{\n(.*)^\}/ms;

    $http =~ s/listen 80;/listen %%PORT%%;/;
    $http =~ s/127\.0\.0\.1:80\d\d/%%ORIGIN%%/g;
    $http =~ s{/var/log/nginx}{%%DIR%%};
    $http =~ s{10\.0\.0\.0/8}{$from};

    spew("$dir/mime.types", 'types { text/html html; }');
    spew("$dir/editors.htpasswd", "anna:{PLAIN}secret\nbert:{PLAIN}secret\n");

    $t->run($http);
    $t->allow(qr/access forbidden by rule|was not found in|password mismatch/);

    return $t;
}


sub Test::Editorial::done_with {
    my ($t) = @_;

    $t->ends_well;
    $t->clean;
}


# What the CMS says of a session.

sub session {
    my ($t, $c, $request) = @_;

    my ($who) = $request =~ /^Cookie: cms=(\w+)/mi;

    $t->send_page($c, !$who ? { status => '401 Unauthorized', body => '' }
        : { body => '', headers => [ $who eq 'nameless' ? ()
                                                        : "X-User: $who" ] });
}


sub basic { 'Authorization: Basic ' . encode_base64("$_[0]:$_[1]", '') }


sub change {
    my ($t, @headers) = @_;

    my $state = '{"mode":"off"}';

    return $t->raw(join "\r\n", "PUT $feature HTTP/1.1", 'Host: localhost',
                   'Connection: close', 'Content-Type: application/json',
                   'Content-Length: ' . length $state, @headers, '', $state);
}


sub changed_by {
    my ($t, @headers) = @_;

    return JSON::PP::decode_json($t->get($feature, @headers)->{body})
               ->{changed_by};
}
