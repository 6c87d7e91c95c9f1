async () => {
  const modeler = window.roundtableDesigner.modeler;
  const get = (name) => modeler.get(name);
  const pause = (ms = 40) => new Promise((done) => setTimeout(done, ms));
  const factory = get('elementFactory'), modeling = get('modeling'), registry = get('elementRegistry');
  const english = new Set();
  const read = () => {
    for (const place of document.querySelectorAll('.designer *')) {
      if (place.closest('.bjs-powered-by, .bio-properties-panel-open-feel-popup, option, .djs-visual')) continue;
      for (const name of ['title', 'aria-label', 'placeholder']) {
        const text = place.getAttribute && place.getAttribute(name);
        if (text) note(text, name + ' ' + place.className);
      }
      for (const node of place.childNodes) if (node.nodeType === 3) note(node.textContent.trim(), place.className);
    }
  };
  const note = (text, where) => { if (/[A-Za-z]{3}/.test(text) && !/\p{Script=Han}/u.test(text)) english.add(text + ' @ ' + (where.baseVal ?? where)); };
  const root = registry.get('council');
  const make = (attrs, x) => { try { return modeling.createShape(factory.createShape(attrs), { x, y: 360 }, registry.get('pool')); } catch (e) { return null; } };
  const kinds = ['Task', 'UserTask', 'ManualTask', 'SendTask', 'ReceiveTask', 'BusinessRuleTask', 'ServiceTask', 'ScriptTask', 'CallActivity',
    'ExclusiveGateway', 'ParallelGateway', 'InclusiveGateway', 'EventBasedGateway', 'ComplexGateway', 'DataObjectReference', 'DataStoreReference',
    'TextAnnotation', 'Group', 'Transaction'].map((k) => ({ type: 'bpmn:' + k }));
  const defs = ['Message', 'Timer', 'Signal', 'Conditional', 'Error', 'Escalation', 'Link', 'Terminate', 'Compensate', 'Cancel'].map((d) => `bpmn:${d}EventDefinition`);
  const events = ['Start', 'IntermediateCatch', 'IntermediateThrow', 'End', 'Boundary'].flatMap((k) => [undefined, ...defs].map((eventDefinitionType) => ({ type: `bpmn:${k}Event`, ...(eventDefinitionType ? { eventDefinitionType } : {}) })));
  const subs = [{ type: 'bpmn:SubProcess', isExpanded: true }, { type: 'bpmn:SubProcess', isExpanded: false }, { type: 'bpmn:SubProcess', isExpanded: true, triggeredByEvent: true }, { type: 'bpmn:AdHocSubProcess', isExpanded: true }];
  const visit = async (element) => {
    get('selection').select(element);
    await pause();
    for (let i = 0; i < 3; i++) for (const header of document.querySelectorAll('.designer-panel .bio-properties-panel-group-header:not(.open) .bio-properties-panel-group-header-title, .designer-panel .bio-properties-panel-collapsible-entry-header:not(.open)')) { header.click(); await pause(10); }
    await pause();
    get('contextPad').open(element, true);
    for (const provider of ['bpmn-replace']) { try { get('popupMenu').open(element, provider, { x: 300, y: 300 }); await pause(); read(); get('popupMenu').close(); } catch (e) {} }
    read();
  };
  for (const element of registry.getAll().slice()) if (!element.labelTarget) await visit(element);
  let x = 200;
  for (const attrs of [...kinds, ...events, ...subs]) { const made = make(attrs, x += 20); if (made) { await visit(made); } }
  for (const loop of ['bpmn:StandardLoopCharacteristics', 'bpmn:MultiInstanceLoopCharacteristics']) {
    const task = make({ type: 'bpmn:UserTask' }, 300);
    modeling.updateProperties(task, { loopCharacteristics: get('bpmnFactory').create(loop) });
    await visit(task);
  }
  get('selection').select(registry.filter((e) => e.type === 'bpmn:UserTask').slice(0, 3)); await pause(); read();
  get('popupMenu').open(registry.filter((e) => e.type === 'bpmn:UserTask').slice(0, 3), 'align-elements', { x: 300, y: 300 }); await pause(); read(); get('popupMenu').close();
  get('searchPad').open(); await pause(); read(); get('searchPad').close();
  return [...english];
}
