// Sequences: their values in each heartbeat, and moving past whatever a lost writer can have given out since.

const KEEPER = `set search_path = pg_catalog, pg_temp`;

/** Every user sequence's last value (one step before its start when it gave out none), and the fastest that it has moved lately (per second; an old peak fades by 2 % a beat). */
const SEQUENCE_VALUES = `
create or replace function causeway.sequence_values(before causeway.heartbeat) returns jsonb language sql ${KEEPER} as $$
  select coalesce(jsonb_object_agg(name, jsonb_build_object('value', value, 'peak', round(greatest(
      coalesce((before.sequences -> name ->> 'peak')::numeric, 0) * 0.98,
      coalesce(abs(value - (before.sequences -> name ->> 'value')::numeric)
        / greatest(0.1, extract(epoch from clock_timestamp() - before.written_at)), 0)), 1))), '{}')
  from (
    select format('%I.%I', n.nspname, c.relname) as name,
      case when has_sequence_privilege(s.seqrelid, 'select')
        then coalesce(pg_sequence_last_value(s.seqrelid), s.seqstart - s.seqincrement) end as value
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence <> 't' and n.nspname <> 'causeway' and n.nspname !~ '^pg_'
  ) known where value is not null
$$;`;

/**
 * The value that a sequence must reach: the last one that the writer told, and headroom for what it gave out unseen. Depends on what
 * was replicated alone, so that a second call finds nothing to do. Null: the writer never told one.
 */
const SEQUENCE_TARGET = `
create or replace function causeway.sequence_target(p_told jsonb, p_cache bigint, p_increment bigint, p_unseen_seconds integer)
returns numeric language sql immutable ${KEEPER} as $$
  select (p_told ->> 'value')::numeric
    + p_increment * greatest(1000, p_cache * 100, ceil((p_told ->> 'peak')::numeric * p_unseen_seconds * 2))
$$;`;

/** The furthest value in a column that a sequence feeds; null for an empty table, or one too big to look through without an index. */
const FURTHEST_USED = `
create or replace function causeway.furthest_used(p_sequence oid, p_ascending boolean) returns numeric
language plpgsql ${KEEPER} as $$
declare
  fed record;
  found numeric;
  furthest numeric;
begin
  for fed in
    select distinct c.oid::regclass::text as name, a.attname
    from pg_depend d
      left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
      join pg_attribute a on a.attrelid = coalesce(f.adrelid, d.refobjid) and a.attnum = coalesce(f.adnum, d.refobjsubid)
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
      join pg_type t on t.oid = a.atttypid and t.typname in ('int2', 'int4', 'int8', 'numeric')
    where ((d.classid = 'pg_class'::regclass and d.objid = p_sequence and d.deptype in ('a', 'i'))
        or (d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = p_sequence))
      and (c.reltuples < 1000000
        or exists (select from pg_index i where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indpred is null))
  loop
    execute format('select %s(%I)::numeric from %s', case when p_ascending then 'max' else 'min' end, fed.attname, fed.name)
      into found;
    furthest := case when p_ascending then greatest(furthest, found) else least(furthest, found) end;
  end loop;
  return furthest;
end $$;`;

/** Moves forward only, and answers how many sequences it moved. */
const ADVANCE_SEQUENCES = `
create or replace function causeway.advance_sequences(p_unseen_seconds integer) returns integer language plpgsql ${KEEPER} as $$
declare
  told jsonb := coalesce((select h.sequences from causeway.heartbeat h
    where h.origin <> (select origin from causeway.lease) order by h.epoch desc, h.number desc limit 1), '{}');
  each record;
  target numeric;
  used numeric;
  moved integer := 0;
begin
  for each in
    select s.seqrelid::regclass as sequence, s.*, told -> format('%I.%I', n.nspname, c.relname) as told,
      coalesce(pg_sequence_last_value(s.seqrelid), s.seqstart - s.seqincrement)::numeric as value
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence <> 't' and n.nspname <> 'causeway' and n.nspname !~ '^pg_'
  loop
    target := causeway.sequence_target(each.told, each.seqcache, each.seqincrement, p_unseen_seconds);
    used := causeway.furthest_used(each.seqrelid, each.seqincrement > 0);
    -- Rows that came after the last heartbeat, or a writer that never told: a step of 1000 past what is used.
    if target is null or (used - target) * sign(each.seqincrement) >= 0 then
      target := case when (used - each.value) * sign(each.seqincrement) > 0 then used + 1000 * each.seqincrement end;
    end if;
    if target is not null and (target - each.value) * sign(each.seqincrement) > 0 then
      -- A sequence near its end stops there: nextval then says so, which is better than a value that may have been used.
      perform setval(each.sequence, greatest(each.seqmin, least(each.seqmax, target))::bigint);
      moved := moved + 1;
    end if;
  end loop;
  return moved;
end $$;`;

export const SEQUENCE_SQL = [SEQUENCE_VALUES, SEQUENCE_TARGET, FURTHEST_USED, ADVANCE_SEQUENCES].join('\n');
