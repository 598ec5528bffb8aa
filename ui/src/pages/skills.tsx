// What agents know how to do beside talking, and what is missing for the rest.
import { useState } from 'preact/hooks';
import { Badge, Empty, Loaded, Search, Segments } from '../parts/basic';
import { useCall } from '../link';
import { asked, setQuery } from '../route';
import { T } from '../text';

interface Skill {
  name: string;
  skillKey?: string;
  description?: string;
  source?: string;
  emoji?: string;
  filePath?: string;
  eligible?: boolean;
  disabled?: boolean;
  blockedByAllowlist?: boolean;
  missing?: { bins?: string[]; anyBins?: string[]; env?: string[]; config?: string[]; os?: string[] };
}

export default function Skills() {
  const [agentId, setAgent] = useState(asked('agent'));
  const agents = useCall('agents.list', {});
  const status = useCall<'skills.status', { skills: Skill[]; managedSkillsDir: string; workspaceDir: string }>('skills.status', agentId ? { agentId } : {}, { on: ['config.changed'] });
  const query = asked('q').toLowerCase();
  const show = (asked('show') || 'all') as 'all' | 'ready' | 'missing';
  return (
    <>
      <div class="toolbar">
        <Search value={asked('q')} label={T.skills.search} onInput={(q) => setQuery({ q })} />
        <Segments label={T.sessions.show} value={show} options={[['all', T.all], ['ready', T.skills.ready], ['missing', T.skills.missing]] as const} onChange={(next) => setQuery({ show: next === 'all' ? '' : next })} />
        {(agents.data?.agents.length ?? 0) > 1 && (
          <select class="input narrow" aria-label={T.palette.agent} value={agentId} onChange={(event) => { setAgent(event.currentTarget.value); setQuery({ agent: event.currentTarget.value }); }}>
            <option value="">{T.cron.defaultAgent}</option>
            {agents.data?.agents.map((agent) => <option key={agent.id} value={agent.id}>{agent.name ?? agent.id}</option>)}
          </select>
        )}
      </div>
      <Loaded asked={status}>
        {({ skills, managedSkillsDir }) => {
          const fits = skills.filter((skill) => (!query || `${skill.name} ${skill.description ?? ''}`.toLowerCase().includes(query)) && (show === 'all' || (show === 'ready') === (skill.eligible ?? false)));
          if (skills.length === 0) return <div class="card"><Empty icon="skills" title={T.skills.none.title} text={<>{T.skills.none.text} <code class="break">{managedSkillsDir}</code></>} /></div>;
          if (fits.length === 0) return <div class="card"><Empty icon="skills" title={T.skills.noneFit} text={T.skills.none.text} /></div>;
          return (
            <div class="cards">
              {fits.map((skill) => {
                const lacks = [...(skill.missing?.bins ?? []), ...(skill.missing?.anyBins ?? []), ...(skill.missing?.env ?? []), ...(skill.missing?.config ?? []), ...(skill.missing?.os ?? [])];
                return (
                  <article class="card tile" key={skill.skillKey ?? skill.name}>
                    <div class="row"><h2 class="cut">{skill.emoji} {skill.name}</h2><span class="push">{skill.disabled ? <Badge>{T.skills.off}</Badge> : skill.eligible ? <Badge tone="good">{T.skills.ready}</Badge> : <Badge tone="warn">{T.skills.missing}</Badge>}</span></div>
                    <p class="soft">{skill.description}</p>
                    {lacks.length > 0 && <div class="row wrap"><span class="small-text soft">{T.skills.lacks}</span>{lacks.map((word) => <Badge key={word} tone="warn">{word}</Badge>)}</div>}
                    <span class="soft small-text">{skill.source}</span>
                  </article>
                );
              })}
            </div>
          );
        }}
      </Loaded>
    </>
  );
}
