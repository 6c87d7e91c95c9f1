/** Our own translations: what the two dictionaries lack, and what they say differently from our procedure. */

export const WORDS: Record<string, string> = {
  "User task": "人工任务",
  "Call activity": "调用流程图",
  "Exclusive gateway": "排他网关",
  "Parallel gateway": "并行网关",
  "Inclusive gateway": "包容网关",
  "Create pool/participant": "创建泳池",
  "General": "基本信息",
  "Documentation": "说明和依据",
  "Element documentation": "说明和依据",
  "Process documentation": "流程的说明和依据",
  "Process ID": "流程编号",
  "Process name": "流程名称",
  "ID": "编号",
  "Name": "名称",
};
