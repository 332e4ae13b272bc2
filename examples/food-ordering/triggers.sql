-- Which change calls which function: the whole orchestration of the example. Each function's write is the next one's event.
-- In: schema.sql loaded; the settings gqlsvl.aws_*. A name is a function of gqlsvl.aws_region; an ARN works as well (agent).
-- Retries are short so that a demo of a failing function is; the defaults go on for two and a half days.

SELECT gqlsvl.create_trigger('validate', 'orders', 'lambda:validate', operations => '{INSERT}',
  num_retries => 40, retry_interval => '500 ms', max_interval => '2 s', timeout => '30 s');

SELECT gqlsvl.create_trigger('payment', 'orders', 'lambda:payment', operations => '{UPDATE}', columns => '{is_validated}',
  num_retries => 40, retry_interval => '500 ms', max_interval => '2 s', timeout => '30 s');

SELECT gqlsvl.create_trigger('approval', 'orders', 'lambda:approval', operations => '{UPDATE}', columns => '{is_paid}',
  num_retries => 40, retry_interval => '500 ms', max_interval => '2 s', timeout => '30 s');

SELECT gqlsvl.create_trigger('agent', 'orders', 'arn:aws:lambda:eu-west-1:123456789012:function:agent', operations => '{UPDATE}',
  columns => '{is_approved}', num_retries => 200, retry_interval => '500 ms', max_interval => '2 s', timeout => '30 s');
